"""The annotations of a session as a DICOM Basic Text SR (PS3.3 A.35.1), in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydicom.dataset import Dataset
from pydicom.uid import UID

from engine.annotation.shapes import Annotation
from engine.annotation.text_exports import timestamp, title

Reference = tuple[UID, UID, Dataset]  # SOP class, SOP instance, the object


def build_report(
    report: Dataset,
    annotations: Sequence[Annotation],
    images: Sequence[Reference],
    at: datetime,
    observer: str,
    missing: Sequence[str] = (),
) -> None:
    """Fill `report`, whose patient, study, series and SOP modules are set; `observer` "" leaves the name out.

    `missing` says in sentences what is left out; it stands before the findings.
    """
    report.InstanceNumber = 1
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.ReferencedPerformedProcedureStepSequence = []
    report.PerformedProcedureCodeSequence = []
    report.CurrentRequestedProcedureEvidenceSequence = _evidence(images)
    report.ValueType, report.ContinuityOfContent = "CONTAINER", "SEPARATE"
    report.ConceptNameCodeSequence = [coded("126000", "DCM", "Imaging Measurement Report")]
    report.ContentSequence = [_observer(observer)] if observer else []
    report.ContentSequence.extend(_image(reference) for reference in images)
    report.ContentSequence.extend(_left_out(sentence) for sentence in missing)
    report.ContentSequence.extend(_finding(entry, at) for entry in annotations)


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _observer(name: str) -> Dataset:
    """Who found what follows (PS3.16 TID 1003)."""
    item = Dataset()
    item.RelationshipType, item.ValueType = "HAS OBS CONTEXT", "PNAME"
    item.ConceptNameCodeSequence = [coded("121008", "DCM", "Person Observer Name")]
    item.PersonName = name
    return item


def _left_out(sentence: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "TEXT"
    item.ConceptNameCodeSequence = [coded("121106", "DCM", "Comment")]
    item.TextValue = f"LEFT OUT: {sentence}"
    return item


def _finding(entry: Annotation, started: datetime) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "TEXT"
    item.ConceptNameCodeSequence = [coded("121071", "DCM", "Finding")]
    moment = started + timedelta(microseconds=entry.start_ns // 1000)
    item.ObservationDateTime = f"{moment:%Y%m%d%H%M%S.%f}"
    begin = timestamp(entry.start_ns // 1_000_000)
    end = "" if entry.end_ns is None else f" to {timestamp(entry.end_ns // 1_000_000)}"
    item.TextValue = f"{begin}{end}: {title(entry)} ({entry.kind.value})"
    return item


def _image(reference: Reference) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
    item.ConceptNameCodeSequence = [coded("121200", "DCM", "Illustration of ROI")]
    item.ReferencedSOPSequence = [_sop(reference)]
    return item


def _sop(reference: Reference) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = reference[0], reference[1]
    return item


def _evidence(images: Sequence[Reference]) -> list[Dataset]:
    if not images:
        return []
    study = Dataset()
    study.StudyInstanceUID = images[0][2].StudyInstanceUID
    by_series: dict[str, list[Reference]] = {}
    for reference in images:
        by_series.setdefault(str(reference[2].SeriesInstanceUID), []).append(reference)
    study.ReferencedSeriesSequence = []
    for uid, references in by_series.items():
        series = Dataset()
        series.SeriesInstanceUID = uid
        series.ReferencedSOPSequence = [_sop(reference) for reference in references]
        study.ReferencedSeriesSequence.append(series)
    return [study]
