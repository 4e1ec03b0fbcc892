"""`appliance verify BUNDLE`."""

from collections.abc import Iterator
from pathlib import Path

import click

from appliance.commands.home import trusted_key_option
from appliance.commands.options import json_option
from appliance.core.language import say
from appliance.core.telling import tell, tell_json
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
        tell_json(facts)
    else:
        bundle_name = f"{facts['name']} {facts['version']} ({facts['variant']})"
        signed = {"key": verified.key_id[:12], "digest": verified.digest[:12]}
        tell(say("{bundle}, {count} files: every byte is as", bundle=bundle_name, count=facts["files"]))
        tell(say("the holder of key {key} signed it. digest {digest}", **signed))
        for line in (*_verdict(verified.manifest.verdict), *_stage(verified.manifest)):
            tell(line)


def _verdict(verdict: Verdict | None) -> Iterator[str]:
    if verdict is None:
        yield say("no verdict: it was made before gates were judged")
        return
    if verdict.refused:
        yield say("REFUSED by its gates: {gates}", gates=", ".join(verdict.refused))
    if override := verdict.override:
        told = {"by": override.by, "time": override.time, "key": override.key_id[:12], "reason": override.reason}
        yield say("overridden by {by} on {time}, key {key}: {reason}", **told)
    if verdict.not_tested:
        yield say("not tested: {gates}", gates=", ".join(verdict.not_tested))


def _stage(manifest: BundleManifest) -> Iterator[str]:
    yield say("stage: {stage}", stage=manifest.stage or "-")
    for each in manifest.decisions:
        told = {"stage": each.stage, "outcome": each.outcome, "by": each.by, "time": each.time, "reason": each.reason}
        yield say("  {stage}: {outcome}, decided by {by} on {time}: {reason}", **told)
