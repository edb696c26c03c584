"""The report: a story as one page that opens from disk, prints, and asks the network for nothing."""

from unsaid.report.page import report

__all__ = ["report"]
