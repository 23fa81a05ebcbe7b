"""The frozen program's first line."""

import multiprocessing

from app.cli import program

if __name__ == "__main__":
    multiprocessing.freeze_support()
    program()
