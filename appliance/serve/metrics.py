"""Counts and times for Prometheus; no label ever holds what was asked or answered."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """What a server counts of itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("requests", "Answered requests.", "route", "status")
        self.prompt_tokens = self._counter("prompt_tokens", "Tokens of prompts that were read.")
        self.new_tokens = self._counter("new_tokens", "Tokens that were written.")
        self.drafted = self._counter("drafted_tokens", "Tokens that were guessed before the model wrote them.")
        self.accepted = self._counter("accepted_tokens", "Guessed tokens that the model wrote.")
        self.swaps = self._counter("swaps", "Versions that were put into service.", "outcome")
        self.first_token = self._histogram("first_token_seconds", "From a request to its first token.")
        self.whole = self._histogram("answer_seconds", "From a request to the end of its answer.")
        self.open_jobs = Gauge("appliance_open_jobs", "Answers that wait or are being written.", registry=self.registry)
        self.version = Gauge(
            "appliance_version_info", "The version in service.", ["name", "version", "digest"], registry=self.registry
        )

    def text(self) -> bytes:
        """Return all of it in Prometheus' text form."""
        return generate_latest(self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"appliance_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str) -> Histogram:
        return Histogram(f"appliance_{name}", meaning, buckets=SECONDS, registry=self.registry)
