"""The networks are what they claim to be, and their step form holds its promises."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from models.baselines.flownets import FlowNetS
from models.blocks import conv, conv_of_parts
from models.build import NAMES, build
from models.describe import describe
from models.export import fold_batch_norms
from models.lite.colour import USUAL_MEAN
from models.lite.flow import Double
from models.lite.matching import LucasKanade
from models.mostnet.encoder import CrossScale, Scales, resized
from models.mostnet.network import TwoFrames
from models.network import NO_IDEA, Network
from models.warping import FourTimesFiner, as_grid, cell_grid, sample

SEED = 3


def texture(height: int, width: int) -> Tensor:
    """(1, 3, height, width) of smooth random blobs at several scales, 0..1."""
    generator = torch.Generator().manual_seed(SEED)
    layers = [torch.rand(1, 3, height // s, width // s, generator=generator) for s in (4, 8, 16, 32)]
    total = sum(functional.interpolate(layer, (height, width), mode="bicubic") for layer in layers)
    return (total / 4).clamp(0, 1)


def moved(picture: Tensor, dx: float, dy: float, height: int, width: int) -> Tensor:
    """The part of a picture that a camera sees which has moved by (dx, dy) from its middle."""
    top, left = (picture.shape[-2] - height) / 2 + dy, (picture.shape[-1] - width) / 2 + dx
    grid = cell_grid(torch.empty(1, 1, height, width))
    positions = grid + torch.tensor([left, top]).view(1, 2, 1, 1)
    scaled = positions / torch.tensor([picture.shape[-1] - 1.0, picture.shape[-2] - 1.0]).view(1, 2, 1, 1)
    return functional.grid_sample(picture, scaled.permute(0, 2, 3, 1) * 2 - 1, "bicubic", align_corners=True)


@pytest.fixture(scope="module", params=NAMES)
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(SEED)
    return build(request.param).eval().requires_grad_(False)


@pytest.mark.parametrize(("name", "params_m"), [("mostnet-sw", 13.2), ("mostnet-dw", 29.8)])
def test_the_parameters_count_what_the_slides_say(name: str, params_m: float) -> None:
    with torch.device("meta"):
        count = sum(parameter.numel() for parameter in build(name).parameters()) / 1e6
    assert count == pytest.approx(params_m, rel=0.01)


def test_lite_needs_at_most_three_gmac_at_640x480() -> None:
    described = describe("mostnet-lite")
    assert described.gmac_640x480 <= 3.0
    assert described.gmac_800x800 == pytest.approx(described.gmac_640x480 * 640000 / 307200, rel=0.01)
    assert sum(box.params_m for box in described.boxes) == pytest.approx(described.params_m)
    assert sum(box.gmac_640x480 for box in described.boxes) == pytest.approx(described.gmac_640x480, rel=0.01)


def test_with_no_past_nothing_moves_and_nothing_is_trusted(network: Network) -> None:
    frame = texture(64, 96)
    outputs, _ = network(frame, network.initial_state(frame))
    assert all(level.pixels.abs().max() == 0 for level in outputs.flow)
    assert outputs.log_scale.min() == NO_IDEA


def test_every_output_lies_on_the_grid_it_names(network: Network) -> None:
    frame = texture(64, 96)
    state = network.initial_state(frame)
    outputs, after = network(frame, state)
    assert outputs.enhanced.shape == frame.shape
    assert [tensor.shape for tensor in after] == [tensor.shape for tensor in state]
    assert len(network.state_meanings()) == len(state)
    for level in outputs.flow:
        assert level.pixels.shape == (1, 2, 64 // level.stride, 96 // level.stride)
    assert outputs.log_scale.shape[-2:] == outputs.flow[-1].pixels.shape[-2:]
    assert all(tooth.shape[:2] == (1, 1) for tooth in outputs.tooth)


def test_the_picture_seen_from_bytes_is_the_one_seen_from_channels(network: Network) -> None:
    frame = texture(64, 64)
    state = network.initial_state(frame)
    straight, _ = network(frame, state)
    from_bytes, _ = network.step(network.seen(frame.permute(0, 2, 3, 1).contiguous()), state)
    torch.testing.assert_close(from_bytes.enhanced, straight.enhanced)


def test_the_two_frame_form_equals_the_stream(network: Network) -> None:
    picture = texture(96, 128)
    previous, current = moved(picture, 0, 0, 64, 96), moved(picture, 3, -2, 64, 96)
    _, state = network(previous, network.initial_state(previous))
    streamed, _ = network(current, state)
    paired = TwoFrames(network)(previous, current)
    for one, other in ((streamed.enhanced, paired.enhanced), (streamed.flow[-1].pixels, paired.flow[-1].pixels)):
        assert (one - other).abs().max() <= 1e-5


def test_folding_batch_norms_changes_nothing() -> None:
    torch.manual_seed(SEED)
    network = build("mostnet-sw").eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2.0)
    frame = texture(64, 64)
    state = tuple(torch.rand_like(tensor) for tensor in network.initial_state(frame))
    before, _ = network(frame, state)
    fold_batch_norms(network)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())
    after, _ = network(frame, state)
    torch.testing.assert_close(after.enhanced, before.enhanced, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(after.flow[-1].pixels, before.flow[-1].pixels, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("dx", "dy"), [(4.0, 0.0), (-7.5, 3.25), (12.0, -9.0)])
def test_lite_finds_a_motion_before_any_training(dx: float, dy: float) -> None:
    torch.manual_seed(SEED)
    network = build("mostnet-lite").eval().requires_grad_(False)
    picture = texture(256, 320)
    frames = [moved(picture, 0, 0, 192, 256), moved(picture, dx, dy, 192, 256)]
    _, state = network(frames[0], network.initial_state(frames[0]))
    outputs, _ = network(frames[1], state)
    found = outputs.flow[-1].pixels[..., 6:-6, 6:-6]
    error = (found - torch.tensor([dx, dy]).view(1, 2, 1, 1)).norm(dim=1).mean()
    assert error < 0.15 * np.hypot(dx, dy)


def test_before_training_lite_gives_every_frame_the_usual_light() -> None:
    torch.manual_seed(SEED)
    lite = build("mostnet-lite").eval().requires_grad_(False)
    frame = texture(64, 96)
    for seen in (frame, frame * 0.3, frame * torch.tensor([0.5, 0.4, 0.2]).view(1, 3, 1, 1) + 0.05):
        outputs, _ = lite(seen, lite.initial_state(seen))
        mean = outputs.enhanced.mean((2, 3)).squeeze()
        torch.testing.assert_close(mean, torch.tensor(USUAL_MEAN), atol=2e-3, rtol=0)


def test_the_state_tells_which_gain_and_lift_were_applied() -> None:
    torch.manual_seed(SEED)
    lite = build("mostnet-lite").eval().requires_grad_(False)
    frame = texture(64, 96) * 0.4
    outputs, state = lite(frame, lite.initial_state(frame))
    gain, lift = state[-1][:, :3].exp(), state[-1][:, 3:]
    assert lite.state_meanings()[-1].startswith("log gain and lift")
    torch.testing.assert_close(outputs.enhanced, frame * gain[:, :, :1, :1] + lift[:, :, :1, :1], atol=1e-4, rtol=0)


def test_lucas_kanade_sees_a_fraction_of_a_cell() -> None:
    picture = texture(96, 96)
    current, warped = moved(picture, 0.3, -0.2, 64, 64), moved(picture, 0, 0, 64, 64)
    step = LucasKanade(3, 9)((current - 0.5) * 4, (warped - 0.5) * 4, torch.ones(1, 1, 64, 64))
    found = step.move[..., 8:-8, 8:-8].mean((0, 2, 3))
    torch.testing.assert_close(found, torch.tensor([0.3, -0.2]), rtol=0.1, atol=0.02)


def test_sampling_at_whole_cells_only_moves() -> None:
    picture = torch.rand(1, 4, 12, 16)
    positions = cell_grid(picture) + torch.tensor([2.0, 1.0]).view(1, 2, 1, 1)
    torch.testing.assert_close(sample(picture, positions)[..., :-1, :-2], picture[..., 1:, 2:], rtol=0, atol=1e-5)


def test_doubling_flow_is_bilinear_and_counts_in_finer_cells() -> None:
    flow = torch.rand(1, 2, 6, 8)
    torch.testing.assert_close(Double()(flow), functional.interpolate(flow, scale_factor=2.0, mode="bilinear") * 2.0)


def test_the_full_size_grid_is_the_bilinear_flow_on_every_pixel() -> None:
    flow = torch.rand(1, 2, 6, 8)
    finer = functional.interpolate(flow, scale_factor=4.0, mode="bilinear") * 4.0
    found = FourTimesFiner()(flow).permute(0, 3, 1, 2)
    torch.testing.assert_close(found, as_grid(finer + cell_grid(finer)))


def test_flownet_takes_the_slides_size_which_is_no_multiple_of_its_stride() -> None:
    frame = torch.rand(1, 3, 96, 100)  # as 800: divisible by 4 and not by 64
    with torch.no_grad():
        assert FlowNetS().eval()(frame, frame).shape == (1, 2, 96, 100)


def test_a_convolution_of_parts_is_that_of_their_concatenation() -> None:
    generator = torch.Generator().manual_seed(SEED)
    parts = [torch.rand(2, channels, 12, 20, generator=generator) for channels in (5, 3)]
    for kernel in (1, 3):
        layer = conv(8, 4, kernel)
        assert torch.allclose(conv_of_parts(layer, *parts), layer(torch.cat(parts, 1)), atol=1e-6)


def test_scales_cut_down_where_they_are_small_fuse_to_what_all_of_them_at_full_size_do() -> None:
    generator = torch.Generator().manual_seed(SEED)
    scales = Scales(*(torch.rand(1, 4 * f, 32 // f, 48 // f, generator=generator) for f in (1, 2, 4)))
    for wanted in (0, 1):
        fusion = CrossScale(28, 4)
        together = [resized(scale, 2.0 ** (number - wanted)) for number, scale in enumerate(scales)]
        expected = fusion.body(fusion.cut(torch.cat(together, 1)))
        assert torch.allclose(fusion(scales, wanted), expected, atol=1e-6)
