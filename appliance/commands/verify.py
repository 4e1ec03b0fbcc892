"""`appliance verify BUNDLE`."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from appliance.commands.home import trusted_key_option
from appliance.commands.options import json_option
from appliance.core.sanitising import visible
from appliance.release.manifest import BundleManifest, Verdict
from appliance.release.signing import load_public_key
from appliance.release.verifying import verify


@click.command("verify")
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False))
@trusted_key_option
@json_option
def command(bundle: Path, trusted_key: Path, *, as_json: bool) -> None:
    """Check the signature of BUNDLE and the digest of every file in it. One changed byte ends with exit status 7."""
    verified = verify(bundle, load_public_key(trusted_key))
    facts = {
        "name": verified.manifest.name,
        "version": verified.manifest.version,
        "variant": verified.manifest.variant,
        "digest": verified.digest,
        "key_id": verified.key_id,
        "files": len(verified.manifest.files),
        "stage": verified.manifest.stage,
        "decisions": [each.model_dump() for each in verified.manifest.decisions],
        "verdict": verified.manifest.verdict.model_dump() if verified.manifest.verdict else None,
    }
    if as_json:
        click.echo(json.dumps(facts))
    else:
        bundle_name = f"{facts['name']} {facts['version']} ({facts['variant']})"
        click.echo(visible(f"{bundle_name}, {facts['files']} files: every byte is as"))
        click.echo(f"the holder of key {verified.key_id[:12]} signed it. digest {verified.digest[:12]}")
        for line in (*_verdict(verified.manifest.verdict), *_stage(verified.manifest)):
            click.echo(visible(line))


def _verdict(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        yield "no verdict: it was made before gates were judged"
        return
    if verdict.refused:
        yield f"REFUSED by its gates: {', '.join(verdict.refused)}"
    if override := verdict.override:
        yield f"overridden by {override.by} on {override.time}, key {override.key_id[:12]}: {override.reason}"
    if verdict.not_tested:
        yield f"not tested: {', '.join(verdict.not_tested)}"


def _stage(manifest: BundleManifest) -> Iterator[str]:
    yield f"stage: {manifest.stage or 'not stated'}"
    for each in manifest.decisions:
        yield f"  {each.stage}: {each.outcome}, decided by {each.by} on {each.time}: {each.reason}"
