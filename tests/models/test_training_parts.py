"""The pieces of training, one by one: batches, losses, averages, checkpoints, schedules."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

from engine.errors import ModelError
from models.build import build
from models.data.window import Window
from models.training import checkpoint, losses, plots, runlog
from models.training.batches import Batch, Batches, Joined
from models.training.ema import Average
from models.training.initial import adopt
from models.training.recipe import RECIPES, TASKS, Recipe
from models.training.rollout import Rollout, lead_in
from models.training.runlog import RunLog
from models.training.streams import Streams, Visit, visit_at

SMALL = dataclasses.replace(RECIPES["lite"], batch=4, frames=2, crop=32, tint=False)


def numbered_window(number: int, frames: int = 3, side: int = 40) -> Window:
    """A still picture whose blue channel is its number."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    ramp = np.stack([(x * 5 + number) % 256, (y * 5) % 256, np.full_like(x, number)], axis=-1).astype(np.uint8)
    still = np.repeat(ramp[None], frames, axis=0)
    flow = np.repeat(np.stack([x, y], axis=-1)[None], frames, axis=0).astype(np.float16)
    seen = np.ones((frames, side, side), np.uint8)
    return Window(still, still, flow, seen, seen, f"numbered {number}")


class Numbered:
    """Windows that carry their number in the blue channel."""

    def __init__(self, count: int, first: int = 0) -> None:
        self._numbers = range(first, first + count)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Window:
        return numbered_window(self._numbers[index])


def test_every_window_is_seen_once_per_epoch_in_an_order_of_its_own() -> None:
    batches = Batches(Numbered(8), SMALL)
    epochs = [[int(n) for step in steps for n in batches.at(step).clean[:, 0, 0, 0, 2]] for steps in ((0, 1), (2, 3))]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(8))
    assert epochs[0] != epochs[1]


def test_two_processes_share_the_batch_that_one_would_see_alone() -> None:
    alone = Batches(Numbered(8), SMALL).at(3)
    shares = [Batches(Numbered(8), SMALL, rank, 2).at(3) for rank in range(2)]
    assert torch.equal(alone.degraded[0::2], shares[0].degraded)
    assert torch.equal(alone.degraded[1::2], shares[1].degraded)


def test_a_stream_that_starts_later_delivers_the_same_batches() -> None:
    batches = Batches(Numbered(8), SMALL)
    early, late = batches.stream(0), batches.stream(2)
    for _ in range(2):
        next(early)
    assert torch.equal(next(early).flow, next(late).flow)
    early.close()
    late.close()


def test_every_other_step_visits_a_long_stream_and_sees_the_windows_that_it_began_with() -> None:
    recipe = dataclasses.replace(SMALL, streams=2, visits=3)
    visits = [visit_at(step, recipe) for step in range(40)]
    assert visits[::2] == [None] * 20
    long = [visit for visit in visits[1::2] if visit is not None]
    assert [visit.stream for visit in long] == [0, 1] * 10
    assert [visit.number for visit in long[::2]] == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert [visit.number for visit in long[1::2]] == [0, 1, 0, 1, 2, 0, 1, 2, 0, 1]  # staggered
    batches = Batches(Numbered(80), recipe)
    for step, visit in enumerate(visits):
        if visit is not None:
            assert torch.equal(batches.at(step).degraded, batches.at(visit.began).degraded)
            assert step == visit.began + 4 * visit.number


def test_streams_are_read_back_for_the_step_that_wrote_them_alone(tmp_path: Path) -> None:
    streams, later = Streams(), Visit(3, 1, 7)
    streams.keep(Visit(3, 0, 7), (torch.ones(2), torch.zeros(1)), torch.full((4,), 0.5))
    streams.save(tmp_path / "streams.pt", 9)
    read, other = Streams(), Streams()
    read.load(tmp_path / "streams.pt", 9)
    other.load(tmp_path / "streams.pt", 8)
    kept = read.at(later)
    assert kept is not None
    assert kept.errors.tolist() == [0.5] * 4
    assert read.at(Visit(3, 0, 11)) is None
    assert other.at(later) is None
    read.keep(later, (torch.full((2,), torch.nan), torch.zeros(1)), kept.errors)
    assert read.at(later) is None


def test_age_harms_where_a_cell_is_further_off_than_in_youth() -> None:
    truth = torch.full((1, 3, 16, 16), 0.5)
    old = truth.clone()
    old[..., :8, :8] -= 0.2
    young = losses.cell_errors(truth, truth)
    errors = losses.cell_errors(old, truth)
    assert errors.shape == (1, 3, 2, 2)
    assert losses.harm_of_age(errors, young).item() == pytest.approx((0.2 - losses.AGE_MARGIN) / 4)
    assert losses.harm_of_age(young, errors).item() == 0


def test_a_long_stream_goes_there_and_back_through_the_window_and_ends_beside_its_first_frame() -> None:
    assert lead_in(8, 4) == [2, 1, 0, 1, 2, 3, 2, 1]
    assert lead_in(3, 2) == [1, 0, 1]
    assert lead_in(2, 1) == [0, 0]
    assert lead_in(0, 4) == []


def test_what_was_seen_before_the_window_changes_the_answer_and_every_weight_still_learns() -> None:
    network = build("mostnet-lite")
    rollout = Rollout(network, RECIPES["lite"])
    random = np.random.default_rng(0)
    pixels = torch.from_numpy(random.integers(0, 256, (2, 1, 3, 64, 64, 3), dtype=np.uint8))
    flow = torch.zeros(1, 3, 64, 64, 2, dtype=torch.float16)
    ones = torch.ones(1, 3, 64, 64, dtype=torch.uint8)
    totals, learning = [], []
    for visit in (Visit(0, 0, 1), Visit(0, 1, 1)):
        network.zero_grad()
        terms = rollout(Batch(pixels[0], pixels[1], flow, ones, ones, visit), RECIPES["lite"].stages[-1].weights)
        terms[0].backward()
        totals.append(terms[0].item())
        learning.append([weight.grad is not None and bool(weight.grad.any()) for weight in network.parameters()])
    assert totals[0] != totals[1]
    assert learning[0] == learning[1]  # weights that autocast had converted without gradient would learn nothing


def test_joined_sets_follow_each_other() -> None:
    joined = Joined([Numbered(3), Numbered(2, first=10)])
    assert [joined[i].name for i in range(len(joined))] == [f"numbered {n}" for n in (0, 1, 2, 10, 11)]


def test_a_window_too_small_for_the_crop_is_refused_with_the_sizes() -> None:
    with pytest.raises(ModelError, match="40x40"):
        Batches(Numbered(8), dataclasses.replace(SMALL, crop=64)).at(0)


def test_coarse_truth_is_the_mean_of_visible_pixels() -> None:
    flow = torch.zeros(1, 2, 8, 8)
    flow[..., 4:] = 6.0
    visible = torch.ones(1, 1, 8, 8)
    visible[..., :2, 4:6] = 0
    pooled, seen = losses.pooled_flow(flow, visible, 2, 2)
    assert torch.allclose(pooled[0, 0], torch.tensor([[0.0, 6.0], [0.0, 6.0]]))
    assert seen.min() == 1


def test_perfect_flow_costs_nothing_and_hidden_pixels_do_not_count() -> None:
    truth = torch.randn(2, 2, 16, 16) * 5
    found = truth.clone()
    found[..., :8] += 100
    visible = torch.ones(2, 1, 16, 16)
    visible[..., :8] = 0
    assert losses.multi_level_flow([found], truth, visible, 0.8) < 0.05


def test_motion_is_steady_and_flicker_costs_its_height() -> None:
    clean = torch.rand(2, 1, 3, 8, 8).repeat_interleave(4, 3).repeat_interleave(4, 4)
    clean[1] = clean[0].roll(4, -1)
    flow = torch.zeros(1, 2, 32, 32)
    flow[:, 0] = -4
    visible = torch.ones(1, 1, 32, 32)
    visible[..., :6] = 0
    assert losses.unsteadiness(clean, torch.zeros_like(clean), flow, visible).item() < 1e-6
    flickering = clean.clone()
    flickering[1] += 0.1
    assert losses.unsteadiness(flickering, clean, flow, visible).item() == pytest.approx(0.1, abs=1e-5)


def test_trust_is_cheapest_when_it_tells_the_true_error() -> None:
    error = torch.full((1, 1, 4, 4), 2.0)
    visible = torch.ones_like(error)
    costs = [losses.laplace(torch.full_like(error, scale), error, visible).item() for scale in (-2.0, 0.0, 2.0)]
    assert costs[1] == min(costs)  # b = 1 px is half the mean error of a radial Laplace law


def test_unknown_teeth_cost_nothing() -> None:
    truth = torch.full((1, 16, 16), 255, dtype=torch.uint8)
    logit = torch.randn(1, 1, 4, 4, requires_grad=True)
    losses.tooth(logit, truth).backward()
    assert logit.grad is not None
    assert logit.grad.abs().max() < 1e-6
    assert losses.paper_mask([torch.randn(1, 1, 4, 4)], truth) == 0


def test_the_rate_rises_and_falls_to_the_end() -> None:
    for recipe in (SMALL, dataclasses.replace(SMALL, shape="one-cycle")):
        rates = [recipe.rate_at(i / 100) for i in range(101)]
        peak = rates.index(max(rates))
        assert rates[: peak + 1] == sorted(rates[: peak + 1])
        assert rates[peak:] == sorted(rates[peak:], reverse=True)
        assert rates[-1] == pytest.approx(recipe.final_rate)


def test_flow_goes_first_and_then_everything() -> None:
    recipe: Recipe = RECIPES["lite"]
    assert [recipe.stage(p).name for p in (0.0, 0.99, 1.5)] == ["flow", "joint", "joint"]


def test_a_single_task_sibling_counts_its_own_losses_alone_as_much_as_all_together_do() -> None:
    together: Recipe = RECIPES["lite"]
    siblings = [together.only(task).stage(0.5).weights for task in TASKS]
    whole = together.stage(1.0).weights.as_row()
    assert [sum(parts) for parts in zip(*(one.as_row() for one in siblings), strict=True)] == list(whole)
    assert siblings[0].flow == siblings[0].tooth == siblings[1].enhance == siblings[2].trust == 0.0


def test_the_average_follows_the_weights_and_forgets_its_start() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = Average(network, 0.9)
    with torch.no_grad():
        network.weight.fill_(5.0)
    for _ in range(200):
        average.update(network)
    assert average.network.weight.item() == pytest.approx(5.0, abs=1e-4)


def test_a_torn_checkpoint_is_refused_and_an_interrupted_write_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    checkpoint.save(path, {"step": 7})
    path.with_suffix(".tmp").write_bytes(b"torn")
    assert checkpoint.load(path)["step"] == 7
    for content in (path.read_bytes()[:100], b"# Steadyscope\n"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="cannot be read"):
            checkpoint.load(path)


def test_going_on_with_another_recipe_is_refused_by_name(tmp_path: Path) -> None:
    content = {"recipe": checkpoint.plain(SMALL)}
    checkpoint.refuse_other_recipe(tmp_path, content, SMALL)
    with pytest.raises(ModelError, match=r"crop 32 -> 64"):
        checkpoint.refuse_other_recipe(tmp_path, content, dataclasses.replace(SMALL, crop=64))


def test_weights_come_back_from_an_onnx_file_by_name(tmp_path: Path) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 1))
    tensors = [
        helper.make_tensor(
            f"network.{name}", TensorProto.FLOAT, tensor.shape, np.full(tensor.shape, 0.25, np.float32).ravel()
        )
        for name, tensor in network.state_dict().items()
        if name != "1.bias"
    ]
    onnx.save(helper.make_model(helper.make_graph([], "g", [], [], tensors)), tmp_path / "w.onnx")
    adopted = adopt(network, tmp_path / "w.onnx")
    assert (adopted.taken, adopted.left) == (3, ("1.bias",))
    assert network[0].weight.min() == network[0].weight.max() == 0.25


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    onnx.save(helper.make_model(helper.make_graph([], "g", [], [], [])), tmp_path / "w.onnx")
    with pytest.raises(ModelError, match="only 0 of"):
        adopt(nn.Conv2d(3, 3, 3), tmp_path / "w.onnx")


def test_the_log_is_cut_back_to_the_step_that_a_run_resumes_from(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.csv", ("loss", "val_epe"))
    log.start(0)
    for step in (1, 2, 3):
        log.add(step, {"loss": 1 / step})
    log.add(3, {"val_epe": 2.5})
    log.start(2)
    assert runlog.read(log.path) == [{"step": 1, "loss": 1}, {"step": 2, "loss": 0.5}]


def test_curves_are_drawn_from_a_log(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.csv", ("loss", "epe", "val_epe"))
    log.start(0)
    for step in (1, 2, 3):
        log.add(step, {"loss": 1 / step, "epe": 2 / step})
    plots.draw(log.path, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 10_000
