"""Every other route: models, embeddings, search, card, health, metrics, and the page."""

import base64
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from appliance.core.errors import InputError
from appliance.serve.answering import check_model
from appliance.serve.embedding import NAME, Embedder
from appliance.serve.errors import Refusal
from appliance.serve.metrics import CONTENT_TYPE
from appliance.serve.page import PAGE_HEADERS, page
from appliance.serve.requests import Embedding, Search, parsed
from appliance.serve.state import state_of

CARD_REPORTS = ("reports/scores.json", "reports/verdict.json", "reports/anonymization.json")


async def models(request: Request) -> Response:
    """GET /v1/models: the version in service, and the embedding model where the bundle has one."""
    version = state_of(request).served.version
    manifest = version.verified.manifest
    names = [manifest.name, *([NAME] if version.embedder else [])]
    listed: list[dict[str, Any]] = [
        {"id": name, "object": "model", "created": 0, "owned_by": "factory"} for name in names
    ]
    if manifest.task:
        listed[0]["task"] = manifest.task.model_dump(mode="json")  # beside what the API has: clients read over it
    if "name" in request.path_params:
        found = next((model for model in listed if model["id"] == request.path_params["name"]), None)
        if found is None:
            raise Refusal(404, "no such model", param="model", code="model_not_found")
        return JSONResponse(found)
    return JSONResponse({"object": "list", "data": listed})


async def embeddings(request: Request) -> Response:
    """POST /v1/embeddings."""
    asked = parsed(Embedding, await request.body())
    version = state_of(request).served.version
    if version.embedder is None:
        raise Refusal(404, "this bundle brings no embedding model", param="model", code="model_not_found")
    if asked.model != NAME:
        check_model(version, asked.model)
    vectors, tokens = await _embedded(request, version.embedder, asked.texts)
    data = [
        {"object": "embedding", "index": number, "embedding": _encoded(vector, asked.encoding_format)}
        for number, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": NAME, "usage": usage})


async def search(request: Request) -> Response:
    """POST /search: the clean records of the bundle that are most like a question."""
    asked = parsed(Search, await request.body())
    state = state_of(request)
    index = state.served.version.index
    if index is None:
        raise Refusal(404, "this bundle brings no index of records", code="no_index")
    found = await state.aside.run(
        lambda _: index.search(asked.query, asked.limit), request, state.limits.answer_seconds
    )
    results = [{"id": record.id, "text": record.text, "score": record.score} for record in found]
    return JSONResponse({"object": "list", "data": results, "records": len(index)})


async def card(request: Request) -> Response:
    """GET /card: what the model is, where it comes from, how it scored; as it was signed."""
    verified = state_of(request).served.version.verified
    manifest = verified.manifest
    reports: dict[str, Any] = {
        name.removeprefix("reports/").removesuffix(".json"): json.loads((verified.folder / name).read_bytes())
        for name in CARD_REPORTS
        if name in manifest.files
    }
    facts = manifest.model_dump(mode="json", include={"name", "version", "variant", "licence", "base_model", "task"})
    return JSONResponse({**facts, "digest": verified.digest, "key_id": verified.key_id, "reports": reports})


async def health(request: Request) -> Response:  # noqa: ARG001 the library hands it over
    """GET /health: the process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """GET /ready: 200 where questions are answered, 503 where the engine has failed."""
    served = state_of(request).served
    works = served.version.worker.is_alive
    manifest = served.version.verified.manifest
    content = {"ready": works, "name": manifest.name, "version": manifest.version, "newer_refused": served.failure}
    return JSONResponse(content, 200 if works else 503)


async def metrics(request: Request) -> Response:
    """GET /metrics, for Prometheus."""
    state = state_of(request)
    state.metrics.open_jobs.set(state.served.version.worker.open_jobs)
    return Response(state.metrics.text(), headers={"content-type": CONTENT_TYPE})


async def show_page(request: Request) -> Response:  # noqa: ARG001 the library hands it over
    """GET /: a page to try the model and read its card."""
    return Response(page(), headers=PAGE_HEADERS)


async def _embedded(request: Request, embedder: Embedder, texts: list[str]) -> Any:
    if not all(texts):
        raise Refusal(400, "a text is empty", param="input", code="invalid_value")
    state = state_of(request)
    try:
        return await state.aside.run(
            lambda is_over: embedder.embed(texts, is_over), request, state.limits.answer_seconds
        )
    except InputError as error:
        raise Refusal(400, f"{error.message}; {error.hint}", param="input", code="invalid_value") from None


def _encoded(vector: Any, form: str) -> Any:
    return base64.b64encode(vector.tobytes()).decode() if form == "base64" else [float(value) for value in vector]
