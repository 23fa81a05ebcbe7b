"""`python -m app`: hand over to the command line."""

from __future__ import annotations

from app.cli import program

if __name__ == "__main__":
    program()
