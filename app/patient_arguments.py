"""What practice software says on the command line: its patient, typed or in a file, and where recordings go back to."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.practice import DICOM, FILES, HandBack, Practice
from engine.recording.session_folder import Patient, accepted
from engine.recording.vdds import PatientFile


def add_patient_arguments(parser: argparse.ArgumentParser) -> None:
    """`--patient-id`, `--patient-name`, `--birth-date` or `--vdds FILE`; `--hand-back DIR`."""
    group = parser.add_argument_group("practice software")
    group.add_argument("--patient-id", metavar="ID", default="", help="number of the patient in the practice")
    group.add_argument("--patient-name", metavar="NAME", default="", help="'Family, Given'")
    group.add_argument("--birth-date", metavar="YYYY-MM-DD", default="", help="date of birth")
    group.add_argument("--vdds", metavar="FILE", type=Path, help="VDDS-media patient file (INI); it is answered")
    group.add_argument("--hand-back", metavar="DIR", type=Path, help="copy each recording of this patient to DIR")
    group.add_argument("--hand-back-as", choices=(FILES, DICOM), default=FILES, help="default: %(default)s")


@contextmanager
def practice_of(args: argparse.Namespace) -> Iterator[Practice]:
    """Whom and where practice software named. Its patient file is answered when the block is over: refused if the block
    raised, taken if not. Raises RecordingError for malformed or contradicting data: the wrong patient is a hazard.
    """
    family, _, given = args.patient_name.partition("^" if "^" in args.patient_name else ",")
    typed = Patient(args.patient_id.strip(), family.strip(), given.strip(), args.birth_date.strip())
    if args.hand_back is not None and args.vdds is None and not typed.patient_id:
        raise RecordingError("--hand-back was given without a patient.", "Give --patient-id or --vdds too.")
    hand_back = None if args.hand_back is None else HandBack.existing(args.hand_back, args.hand_back_as)
    if args.vdds is None:
        yield Practice(accepted(typed), hand_back)
        return
    file = PatientFile(args.vdds, typed)
    try:
        yield Practice(file.patient, hand_back)
    except BaseException:
        file.answer(is_taken=False)
        raise
    file.answer(is_taken=True)
