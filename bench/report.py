"""Measurements as text and as data."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench.jobs import Job


@dataclass(frozen=True)
class Report:
    """A job and the seconds that its contenders took, round by round."""

    job: Job
    seconds: dict[str, list[float]]

    def ratios(self, name: str) -> list[float]:
        """Return a contender's seconds as parts of what ratios are taken of, round by round."""
        return [mine / other for mine, other in zip(self.seconds[name], self.seconds[self.job.against], strict=True)]

    @property
    def result(self) -> float:
        """What is compared with the target."""
        return median(self.ratios("apibot") if self.job.against else self.seconds["apibot"])

    @property
    def met(self) -> bool:
        """Whether the target was met."""
        return self.result <= self.job.target

    def text(self) -> str:
        """Return the lines to be shown."""
        return "\n".join([self.job.title, *map(self._line, self.seconds)])

    def _line(self, name: str) -> str:
        parts = [f"  {name:<10}{median(self.seconds[name]):8.3f} s"]
        if self.job.against and name != self.job.against:
            ratios = self.ratios(name)
            parts.append(f"{median(ratios):6.2f} of {self.job.against} ({min(ratios):.2f}-{max(ratios):.2f})")
        if name == "apibot":
            mark = "ok" if self.met else "MISSED"
            parts.append(f"  at most {self.job.target:.2f}{'' if self.job.against else ' s'}: {mark}")
        return "".join(parts)

    def data(self) -> dict[str, object]:
        """Return all of it, fit for JSON."""
        return {
            "job": self.job.name,
            "title": self.job.title,
            "seconds": self.seconds,
            "against": self.job.against or None,
            "result": self.result,
            "target": self.job.target,
            "met": self.met,
        }
