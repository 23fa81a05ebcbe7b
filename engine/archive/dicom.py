"""A session as DICOM objects: video, stills and a text report of its annotations, de-identified unless told otherwise.

Sources: DICOM PS3.3 A.32.7 (Video Photographic), A.32.4 (VL Photographic), A.35.1 (Basic Text SR); PS3.5 8.2.7 and
A.4.6 for the transfer syntax MPEG-4 AVC/H.264 High Profile / Level 4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import av
import cv2
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate_buffer
from pydicom.uid import MPEG4HP41, UID, ExplicitVRLittleEndian, generate_uid

from engine.annotation.shapes import Annotation
from engine.archive.dicom_report import build_report, coded
from engine.archive.omissions import Omissions
from engine.archive.reader import SessionView
from engine.archive.staging import Meter, MeteredFile, Progress
from engine.archive.video_export import remux
from engine.errors import RecordingError
from engine.recording.session_folder import RAW, Patient

VIDEO_PHOTOGRAPHIC = UID("1.2.840.10008.5.1.4.1.1.77.1.4.1")
VIDEO_ENDOSCOPIC = UID("1.2.840.10008.5.1.4.1.1.77.1.1.1")
VL_PHOTOGRAPHIC = UID("1.2.840.10008.5.1.4.1.1.77.1.4")
MODALITY = {VIDEO_PHOTOGRAPHIC: "XC", VIDEO_ENDOSCOPIC: "ES"}
MOST_BYTES = 2**32 - 2  # what the length of one fragment can say (PS3.5 A.4)
INCOMPLETE = ", INCOMPLETE"  # behind the name of a series, which every viewer shows
STREAM_WORDS = {"raw": "raw camera picture", "stabilized": "enhanced and stabilized", "enhanced": "enhanced"}


@dataclass(frozen=True, slots=True)
class DicomExport:
    """What goes out and under whose name."""

    identity: Patient | None = None  # None: de-identified
    streams: tuple[str, ...] = (RAW, "stabilized")
    video_class: UID = VIDEO_PHOTOGRAPHIC
    omissions: Omissions = field(default_factory=Omissions)  # said in comments; grave ones in the series' names


def export_dicom(
    session: SessionView, annotations: Sequence[Annotation], wanted: DicomExport, folder: Path, progress: Progress
) -> list[Path]:
    """Write one `.dcm` a video, a still and (if there are annotations) a report; returns the paths.

    `folder` is a staging folder. Raises RecordingError, or ExportCancelled.
    """
    started = session.started
    study = _Study(session, wanted.identity, started)
    missing = wanted.omissions
    files = {name: session.folder.video(name) for name in wanted.streams}
    videos = [name for name, path in files.items() if path.is_file() and path not in missing.unreadable]
    pictures = [path for path in session.stills if path not in missing.unreadable]
    meter = Meter(_work_bytes(session, videos), progress)
    written = []
    for number, stream in enumerate(videos, 1):
        written.append(_write_video(study, session, stream, number, wanted, folder, meter))
    for number, still in enumerate(pictures, 1):
        written.append(_write_still(study, still, number, folder, meter))
    if written and (annotations or missing.grave):
        name = _named("Annotations", missing)
        report = study.dataset("SR", 99, name, UID("1.2.840.10008.5.1.4.1.1.88.11"), ExplicitVRLittleEndian)
        images = [(one.SOPClassUID, one.SOPInstanceUID, one) for one in study.images]
        build_report(report, annotations, images, started, study.operator, missing.sentences)
        if not missing.is_complete:
            report.CompletionFlag, report.CompletionFlagDescription = "PARTIAL", "Some of the session is left out"
        written.append(_save(report, folder / "annotations.dcm", meter))
    return written


def _work_bytes(session: SessionView, videos: Sequence[str]) -> int:
    """A video's packets are copied twice; a still goes out as plain pixels."""
    width, height = session.size
    packets = sum(session.folder.video(name).stat().st_size for name in videos)
    return 2 * packets + len(session.stills) * width * height * 3


class _Study:
    """What all objects of one export share."""

    def __init__(self, session: SessionView, identity: Patient | None, started: datetime) -> None:
        self.started = started
        self.identity = identity
        self.operator = str(session.entries.get("operator") or "") if identity is not None else ""
        self.session_id = session.folder.session_id
        self.study_uid = generate_uid(entropy_srcs=["steadyscope", self.session_id, str(started)])
        self.images: list[Dataset] = []

    def dataset(self, modality: str, series: int, description: str, sop_class: UID, syntax: UID) -> FileDataset:
        """An object with patient, study, series, equipment and SOP common modules filled."""
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, generate_uid()
        meta.TransferSyntaxUID = syntax
        one = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        one.SpecificCharacterSet = "ISO_IR 192"
        one.SOPClassUID, one.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
        self._fill_patient(one)
        date, time = f"{self.started:%Y%m%d}", f"{self.started:%H%M%S}"
        one.StudyInstanceUID, one.StudyID = self.study_uid, self.session_id[:16]
        one.StudyDate = one.SeriesDate = one.ContentDate = date
        one.StudyTime = one.SeriesTime = one.ContentTime = time
        one.ReferringPhysicianName = one.AccessionNumber = ""
        one.SeriesInstanceUID = generate_uid(entropy_srcs=[str(self.study_uid), str(series)])
        one.SeriesNumber, one.SeriesDescription, one.Modality = series, description, modality
        if self.operator:
            one.OperatorsName = self.operator
        one.Manufacturer, one.ManufacturerModelName = "Steadyscope", "Steadyscope"
        one.DeviceSerialNumber, one.SoftwareVersions = "none", "0.1"
        one.InstanceNumber = 1
        return one

    def _fill_patient(self, one: Dataset) -> None:
        if self.identity is None:
            one.PatientName, one.PatientID = "Anonymous^", self.session_id
            one.PatientBirthDate = one.PatientSex = ""
            one.PatientIdentityRemoved, one.DeidentificationMethod = "YES", "Steadyscope: identity left out"
            return
        one.PatientName = f"{self.identity.family_name}^{self.identity.given_name}"
        one.PatientID = self.identity.patient_id
        one.PatientBirthDate, one.PatientSex = self.identity.birth_date.replace("-", ""), ""
        one.PatientIdentityRemoved = "NO"


def _fill_visible_light(one: Dataset, rows: int, columns: int) -> None:
    """Image pixel, acquisition context and VL image modules."""
    one.Rows, one.Columns, one.SamplesPerPixel = rows, columns, 3
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 8, 8, 7, 0
    one.PlanarConfiguration = 0
    one.ImageType = ["ORIGINAL", "PRIMARY"]
    one.PatientOrientation = ""
    one.AcquisitionContextSequence = []
    one.AnatomicRegionSequence = [coded("74262004", "SCT", "Oral cavity")]
    one.BurnedInAnnotation = "NO"
    one.Laterality = ""  # the mouth is not a paired organ


def _write_video(
    study: _Study, session: SessionView, stream: str, number: int, wanted: DicomExport, folder: Path, meter: Meter
) -> Path:
    missing = wanted.omissions.of(stream)
    modality, name = MODALITY[wanted.video_class], _named(STREAM_WORDS[stream], missing)
    one = study.dataset(modality, number, name, wanted.video_class, MPEG4HP41)
    if missing.all:
        one.ImageComments = " ".join(missing.sentences)
    plain = folder / f"{stream}.mp4"
    remux(session.folder.video(stream), plain, [], meter)
    size = plain.stat().st_size
    if size > MOST_BYTES:
        raise RecordingError(
            f"The {stream} video has {size / 1e9:.1f} GB; one DICOM object holds 4.2.", "Export it trimmed, as MP4."
        )
    frames, rows, columns = _inspect(plain)
    _fill_visible_light(one, rows, columns)
    one.ImageType = ["ORIGINAL" if stream == RAW else "DERIVED", "PRIMARY"]
    if stream != RAW:
        one.DerivationDescription = "Enhanced by MOSTNET+ and warped by the stabilizer; the raw video is beside it"
    one.PhotometricInterpretation = "YBR_PARTIAL_420"
    one.LossyImageCompression, one.LossyImageCompressionMethod = "01", "ISO_14496_10"
    one.LossyImageCompressionRatio = f"{rows * columns * 3 * frames / max(size, 1):.1f}"
    interval_ms = session.duration_ns / 1e6 / max(frames - 1, 1)
    one.NumberOfFrames, one.FrameTime = frames, f"{interval_ms:.4f}"
    one.FrameIncrementPointer = 0x00181063  # FrameTime
    one.CineRate = one.RecommendedDisplayFrameRate = max(1, round(1000 / interval_ms))
    one.AcquisitionDateTime = f"{study.started:%Y%m%d%H%M%S}"
    with plain.open("rb") as file:
        one.PixelData = encapsulate_buffer([file], has_bot=False)
        one["PixelData"].is_undefined_length = True
        one["PixelData"].VR = "OB"
        study.images.append(one)
        path = _save(one, folder / f"video-{stream}.dcm", meter)
    plain.unlink()
    return path


def _named(series: str, missing: Omissions) -> str:
    return series if missing.is_complete else series + INCOMPLETE


def _inspect(path: Path) -> tuple[int, int, int]:
    """Frames, rows and columns of an MP4. Refuses what the transfer syntax does not allow."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.codec_context.name != "h264" or stream.codec_context.profile != "High":
            raise RecordingError(
                f"The recording is {stream.codec_context.name} {stream.codec_context.profile}, DICOM wants H.264 High.",
                "Record with the libx264 encoder, or export as MP4.",
            )
        frames = sum(1 for packet in container.demux(stream) if packet.size)
        return frames, stream.height, stream.width


def _write_still(study: _Study, still: Path, number: int, folder: Path, meter: Meter) -> Path:
    picture = cv2.imread(str(still), cv2.IMREAD_COLOR)
    if picture is None:
        raise RecordingError(f"The still {still.name} cannot be read.", "Run `steadyscope session verify` on it.")
    one = study.dataset("XC", 50, "Stills", VL_PHOTOGRAPHIC, ExplicitVRLittleEndian)
    _fill_visible_light(one, picture.shape[0], picture.shape[1])
    one.ImageType = ["ORIGINAL" if still.stem.endswith("raw") else "DERIVED", "PRIMARY"]
    one.PhotometricInterpretation, one.InstanceNumber = "RGB", number
    one.LossyImageCompression = "00"
    data = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).tobytes()
    one.PixelData = data + b"\0" * (len(data) % 2)
    study.images.append(one)
    return _save(one, folder / f"still-{still.stem}.dcm", meter)


def _save(one: FileDataset, path: Path, meter: Meter) -> Path:
    with path.open("wb") as file:
        one.save_as(MeteredFile(file, meter), enforce_file_format=True)
    return path
