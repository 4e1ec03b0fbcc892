"""A library: records in, clean records and evidence out; it knows no model and no appliance."""
