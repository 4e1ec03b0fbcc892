"""What all routes of one server share."""

from dataclasses import dataclass, field

from starlette.requests import Request

from appliance.serve.aside import Aside
from appliance.serve.limits import Buckets, Limits
from appliance.serve.metrics import Metrics
from appliance.serve.served import Served
from appliance.serve.tokens import Guard


@dataclass(frozen=True, slots=True)
class State:
    """The served version and the limits around it."""

    served: Served
    limits: Limits
    metrics: Metrics
    guard: Guard
    buckets: Buckets
    aside: Aside = field(default_factory=Aside)


def state_of(request: Request) -> State:
    """Return what the application was made with."""
    state = request.app.state.shared
    assert isinstance(state, State)
    return state
