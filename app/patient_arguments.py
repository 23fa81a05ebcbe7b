"""The patient on the command line: typed out, or in the file that practice software leaves."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.errors import RecordingError
from engine.recording.session_folder import Patient
from engine.recording.vdds import read_patient


def add_patient_arguments(parser: argparse.ArgumentParser) -> None:
    """`--patient-id`, `--patient-name`, `--birth-date` or `--vdds FILE`."""
    parser.add_argument("--patient-id", metavar="ID", default="", help="number of the patient in the practice")
    parser.add_argument("--patient-name", metavar="NAME", default="", help="'Family, Given'")
    parser.add_argument("--birth-date", metavar="YYYY-MM-DD", default="", help="date of birth")
    parser.add_argument("--vdds", metavar="FILE", type=Path, help="VDDS-media patient file (INI)")


def chosen_patient(args: argparse.Namespace) -> Patient:
    """Raises RecordingError for malformed or contradicting data: the wrong patient is a hazard."""
    family, _, given = args.patient_name.partition(",")
    typed = Patient(args.patient_id.strip(), family.strip(), given.strip(), args.birth_date)
    if (typed.family_name or typed.birth_date) and not typed.patient_id:
        raise RecordingError("A name or birth date was given without --patient-id.", "Give the patient's number too.")
    if args.vdds is None:
        return typed
    from_file = read_patient(args.vdds)
    for name in ("patient_id", "family_name", "given_name", "birth_date"):
        here, there = getattr(typed, name), getattr(from_file, name)
        if here and here != there:
            raise RecordingError(
                f"The command line and {args.vdds.name} name different patients ({name.replace('_', ' ')}).",
                "Start again from the practice software.",
            )
    return from_file
