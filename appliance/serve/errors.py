"""What a client is told when a request cannot be answered, in the form of the OpenAI API."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse


@dataclass(slots=True, eq=False)
class Refusal(Exception):
    """A request that is not answered; the message never quotes what was asked."""

    status: int
    message: str
    param: str | None = None
    code: str | None = None
    retry_after: int | None = None  # seconds

    @property
    def kind(self) -> str:
        """The `type` of the error."""
        return {401: "authentication_error", 429: "rate_limit_error"}.get(
            self.status, "invalid_request_error" if self.status < 500 else "server_error"
        )

    def content(self) -> dict[str, Any]:
        """Return the body."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """Return the whole answer."""
        headers = {"retry-after": str(self.retry_after)} if self.retry_after is not None else {}
        if self.status == 401:
            headers["www-authenticate"] = "Bearer"
        return JSONResponse(self.content(), self.status, headers)
