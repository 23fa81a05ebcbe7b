"""`python -m models COMMAND`: one table of commands, each in a module that is imported only when called."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from engine.errors import EngineError

# name -> (module with add_arguments(parser) and run(args) -> int, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "describe": ("models.commands.describe", "parameters, GMAC and state of every network, box by box"),
    "export": ("models.commands.export", "write a network as ONNX with its manifest"),
    "data": ("models.commands.data", "make training and test data"),
    "train": ("models.commands.train", "train a network"),
    "warm-colour": ("models.commands.warm_colour", "train Lite's colour path alone, on small pictures"),
    "average": ("models.commands.average", "the mean of several checkpoints' weights"),
    "evaluate": ("models.commands.evaluate", "measure a network on a test set"),
    "compare": ("models.commands.compare", "time our networks beside the single-task peers"),
}
USER_ERROR = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 found wanting, 2 user error, 130 interrupted)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help"):
        print(overview())
        return 0 if arguments else USER_ERROR
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        print(f"models: there is no command '{name}'. Choose one of: {', '.join(COMMANDS)}.", file=sys.stderr)
        return USER_ERROR
    module_name, help_line = COMMANDS[name]
    module = importlib.import_module(module_name)
    parser = argparse.ArgumentParser(prog=f"python -m models {name}", description=help_line)
    module.add_arguments(parser)
    try:
        return int(module.run(parser.parse_args(rest)))
    except EngineError as error:
        print(f"models: {error.sentence} {error.remedy}", file=sys.stderr)
        return USER_ERROR
    except OSError as error:  # every file and folder here was named on the command line
        print(f"models: {error.filename or name}: {error.strerror or error}. Name another place.", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("models: interrupted.", file=sys.stderr)
        return INTERRUPTED


def overview() -> str:
    """The help page: every command with its line."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {help_line}" for name, (_, help_line) in COMMANDS.items())
    return f"usage: python -m models COMMAND [options]\n\n{rows}\n\npython -m models COMMAND --help says more."


if __name__ == "__main__":
    sys.exit(main())
