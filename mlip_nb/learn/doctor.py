"""The doctor of training data: what is wrong with labelled frames, by frame number, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError
from ._evidence import Evidence
from ._findings import Finding, named
from ._summary import Summary, summarize
from .checks import checks
from .frames import Labelled

_ORDER = ("error", "warning", "note")


@dataclass(frozen=True)
class Report:
    """What all checks found; prints as a short table, the worst first."""

    summary: Summary
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether there are notes at most."""
        return all(finding.severity == "note" for finding in self.findings)

    def of(self, check: str, severity: str | None = None) -> list[Finding]:
        """Findings of one check, of one severity where it is given."""
        return [finding for finding in self.findings if finding.check == check and severity in (None, finding.severity)]

    def __str__(self) -> str:
        lines = [str(self.summary)]
        for finding in self.findings:
            lines.append(f"{finding.severity:<8}{finding.check:<11}{finding.message}")
            where = f"{named(finding.frames)}: " if finding.frames else ""
            lines.append(f"{'':<19}-> {where}{finding.cure}")
        return "\n".join(lines if self.findings else [*lines, "nothing was found"])

    __repr__ = __str__


def examine(frames: Sequence[Labelled]) -> Report:
    """Look at frames with every check there is. Nothing is dropped or changed.

    **Raises:** `InputError` for no frames, or when two frames have one number.
    """
    if not frames:
        raise InputError("no frames to examine; read some by read_frames")
    if len({frame.index for frame in frames}) < len(frames):
        raise InputError("two frames have one number; read all sources by one read_frames([...])")
    evidence = Evidence(frames)
    found = [finding for check in checks().values() for finding in check(evidence)]
    return Report(summarize(evidence), tuple(sorted(found, key=lambda finding: _ORDER.index(finding.severity))))
