"""Everything that has keys, and every action beside the command that does the same; the reference pages follow."""

from textual.binding import Binding

from tui.app import ApplianceApp
from tui.screens.compare import CompareScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.deciding import DecidingScreen
from tui.screens.doctor import DoctorScreen
from tui.screens.export import ExportScreen
from tui.screens.files import FileScreen
from tui.screens.intake import IntakeScreen
from tui.screens.localized import LocalizedModal, LocalizedScreen
from tui.screens.marking import MarkScreen
from tui.screens.new_run import NewRunScreen
from tui.screens.picking import PickScreen
from tui.screens.reading import ReadingScreen
from tui.screens.review import ReviewScreen
from tui.screens.runs import RunsScreen
from tui.screens.train import TrainScreen
from tui.screens.typing import TypeScreen
from tui.widgets.run_table import RunTable

Owner = type[ApplianceApp] | type[LocalizedScreen] | type[RunTable]  # type: ignore[type-arg]
# in the order of the pages
SECTIONS: dict[str, tuple[Owner, ...]] = {
    "Everywhere": (ApplianceApp, LocalizedScreen),
    "1 Runs": (RunsScreen, RunTable),
    "2 New run": (NewRunScreen,),
    "3 Intake": (IntakeScreen,),
    "4 Review": (ReviewScreen,),
    "5 Train": (TrainScreen,),
    "6 Compare": (CompareScreen,),
    "7 Export and bundle": (ExportScreen,),
    "8 Doctor and settings": (DoctorScreen,),
    "Stage (from 6 and 7)": (DecidingScreen,),
    "Windows": (LocalizedModal, ConfirmScreen, ReadingScreen, PickScreen, TypeScreen, FileScreen, MarkScreen),
}
BINDING_OWNERS: tuple[Owner, ...] = tuple(owner for owners in SECTIONS.values() for owner in owners)

# what changes or tells something, by the id of its binding -> the command that does the same; all take --json
COMMANDS: dict[str, str] = {
    "runs.open": "appliance runs; appliance follow RUN",
    "runs.start": "appliance run CONFIG",
    "runs.stop": "appliance stop RUN",
    "new.plan": "appliance plan CONFIG",
    "new.write": "appliance preview FILE; appliance new TARGET --file FILE --input COLUMN --output COLUMN",
    "new.start": "appliance run CONFIG",
    "intake.add": "appliance model add FOLDER; appliance model list",
    "intake.waive": "appliance model add FOLDER --waive CHECK=REASON --by NAME",
    "review.accept": "appliance review decide RUN accept --record ID --column C --start N --end N --kind K",
    "review.reject": "appliance review decide RUN reject ...",
    "review.accept-equal": "appliance review decide RUN accept --equal ...",
    "review.reject-equal": "appliance review decide RUN reject --equal ...",
    "review.declared": "appliance review decide RUN accept --declared",
    "review.mark": "appliance review mark RUN --record ID --column C --start N --end N --kind K",
    "review.edit": "appliance review decide RUN reject ...; appliance review mark RUN ...",
    "review.undo": "appliance review undo RUN",
    "review.later": "appliance review list RUN",
    "review.sample": "appliance review read RUN",
    "review.read": "appliance review read RUN RECORD",
    "review.disputed": "appliance review status RUN",
    "review.start": "appliance run CONFIG",
    **{f"review.{n}": "appliance review decide RUN reject ...; appliance review mark RUN ..." for n in range(1, 10)},
    "train.stop": "appliance stop RUN",
    "train.stop-now": "appliance stop RUN --now",
    "train.try": "appliance try-prompt RUN",
    "train.resume": "appliance run CONFIG",
    "train.results": "appliance follow RUN",
    "compare.left": "appliance compare RUN --pair PAIR --choice A",
    "compare.right": "appliance compare RUN --pair PAIR --choice B",
    "compare.tie": "appliance compare RUN --pair PAIR --choice tie",
    "compare.later": "appliance compare RUN",
    "compare.undo": "appliance compare RUN --undo",
    "compare.results": "appliance compare RUN",
    "compare.start": "appliance run CONFIG",
    "export.write": "appliance hand-over BUNDLE FOLDER",
    "export.install": "appliance install BUNDLE --trusted-key KEY --stage STAGE",
    "export.roll-back": "appliance roll-back --stage STAGE",
    "export.approve": "appliance approve RUN --key FILE --by NAME --reason WHY",
    "export.start": "appliance run CONFIG",
    "doctor.examine": "appliance doctor",
    "stage.decide": "appliance decide RUN OUTCOME --key FILE --by NAME --reason WHY",
}
# keys that move, show or choose and do nothing that a command would do
ONLY_VIEW = (
    *("app.quit", "focus.next", "focus.previous", "keys", "go.", "runs.", "new.view", "new.back", "intake.switch"),
    *(
        "intake.back",
        "review.",
        "train.",
        "compare.",
        "export.back",
        "export.stage",
        "stage.",
        "doctor.",
        "confirm.",
        "reading.",
        "pick.",
        "type.",
    ),
    *("files.", "mark."),
)


def bindings(owner: Owner) -> list[Binding]:
    """Return the keys of a screen or widget; each is a Binding with an id."""
    return [binding for binding in owner.BINDINGS if isinstance(binding, Binding)]
