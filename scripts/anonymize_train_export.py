"""The nightly batch: `scripts/anonymize_train_export.py CONFIG.toml` does what `appliance run CONFIG.toml` does.

It goes through the same service, so an interrupted night is taken up where it stopped, and it ends with the same exit
statuses: 0 ok, 2 settings, 3 input, 4 privacy, 5 resources, 6 gate refused, 7 integrity, 10 waiting for a person,
75 busy.
"""

import sys

from appliance.__main__ import main

if __name__ == "__main__":
    main(["run", *sys.argv[1:]])
