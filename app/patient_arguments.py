"""What practice software says on the command line: its patient, typed or in a file, and where recordings go back to."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.practice import DICOM, FILES, HandBack, Practice
from engine.recording.session_folder import Patient, accepted
from engine.recording.vdds import read_patient


def add_patient_arguments(parser: argparse.ArgumentParser) -> None:
    """`--patient-id`, `--patient-name`, `--birth-date` or `--vdds FILE`; `--hand-back DIR`."""
    group = parser.add_argument_group("practice software")
    group.add_argument("--patient-id", metavar="ID", default="", help="number of the patient in the practice")
    group.add_argument("--patient-name", metavar="NAME", default="", help="'Family, Given'")
    group.add_argument("--birth-date", metavar="YYYY-MM-DD", default="", help="date of birth")
    group.add_argument("--vdds", metavar="FILE", type=Path, help="VDDS-media patient file (INI); it is answered")
    group.add_argument("--hand-back", metavar="DIR", type=Path, help="copy each recording of this patient to DIR")
    group.add_argument("--hand-back-as", choices=(FILES, DICOM), default=FILES, help="default: %(default)s")


def chosen_practice(args: argparse.Namespace) -> Practice:
    """Raises RecordingError for malformed or contradicting data: the wrong patient is a hazard."""
    family, _, given = args.patient_name.partition("^" if "^" in args.patient_name else ",")
    typed = Patient(args.patient_id.strip(), family.strip(), given.strip(), args.birth_date.strip())
    if args.hand_back is not None and args.vdds is None and not typed.patient_id:
        raise RecordingError("--hand-back was given without a patient.", "Give --patient-id or --vdds too.")
    hand_back = None if args.hand_back is None else HandBack(args.hand_back, args.hand_back_as)
    patient = accepted(typed) if args.vdds is None else read_patient(args.vdds, typed)  # answers it, so it goes last
    return Practice(patient, hand_back)
