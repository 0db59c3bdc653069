"""Checkpoints are read without torch: nested values, strides, offsets, byte order, broken files."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from mixenv.runs import checkpoint
from mixenv.runs.checkpoint import published_arrays, read_checkpoint
from mixenv.runs.pickles import Record, UnsafePickleError


class Global:
    """A global by its name, and what it is called with: pickles as `module.name(*args)`."""

    def __init__(self, path, *args):
        self.path, self.args = path, args


class Storage(tuple):
    """A persistent id of a storage."""

    __slots__ = ()


class Pickler(pickle._Pickler):
    """Writes globals of modules that are not installed here."""

    def persistent_id(self, value):
        return tuple(value) if isinstance(value, Storage) else None

    def save_global_record(self, value):
        self.write(pickle.GLOBAL + value.path.rpartition(".")[0].encode() + b"\n")
        self.write(value.path.rpartition(".")[2].encode() + b"\n")
        if value.args:
            self.save(value.args)
            self.write(pickle.REDUCE)

    dispatch = pickle._Pickler.dispatch | {Global: save_global_record}


def tensor(key, size, stride, offset=0, kind="torch.FloatStorage", count=12):
    storage = Storage(("storage", Global(kind), key, "cuda:7", count))
    return Global("torch._utils._rebuild_tensor_v2", storage, offset, size, stride, False, {})


def write(path, value, order="little", root="any", storages=None):
    buffer = io.BytesIO()
    Pickler(buffer, 2).dump(value)
    flat = np.arange(12, dtype="<f4" if order == "little" else ">f4")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{root}/data.pkl", buffer.getvalue())
        archive.writestr(f"{root}/byteorder", order)
        for key, data in (storages or {"0": flat.tobytes()}).items():
            archive.writestr(f"{root}/data/{key}", data)
    return path


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize(
    ("size", "stride", "offset", "expected"),
    [
        ((3, 4), (4, 1), 0, np.arange(12.0).reshape(3, 4)),
        ((4, 3), (1, 4), 0, np.arange(12.0).reshape(3, 4).T),
        ((2, 3), (4, 1), 5, [[5, 6, 7], [9, 10, 11]]),
        ((3,), (0,), 2, [2, 2, 2]),
        ((), (), 7, 7.0),
        ((0, 3), (3, 1), 12, np.zeros((0, 3))),
    ],
)
def test_strides_and_offsets_are_honoured(tmp_path, order, size, stride, offset, expected):
    path = write(tmp_path / "a.pt", {"x": [tensor("0", size, stride, offset)]}, order)
    (found,) = read_checkpoint(path)["x"]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.dtype("f4")
    assert found.dtype.isnative
    assert found.shape == size


def test_other_element_types_and_parameters(tmp_path):
    storages = {"7": np.array([-1, 2], "<i8").tobytes(), "b": b"\x00\x01\x01"}
    value = {
        "long": tensor("7", (2,), (1,), kind="torch.LongStorage", count=2),
        "bool": Global(
            "torch._utils._rebuild_parameter",
            tensor("b", (3,), (1,), kind="torch.BoolStorage", count=3), True, {},
        ),
        "number": 3,
    }  # fmt: skip
    found = read_checkpoint(write(tmp_path / "a.pt", value, storages=storages))
    assert found["long"].tolist() == [-1, 2]
    assert found["bool"].tolist() == [False, True, True]
    assert found["number"] == 3


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [((4, 4), (4, 1), 0), ((3,), (1,), 10), ((3,), (-1,), 5), ((2,), (1,), -1), ((-2,), (1,), 0)],
)
def test_a_tensor_outside_its_values_is_refused(tmp_path, size, stride, offset):
    path = write(tmp_path / "a.pt", {"x": tensor("0", size, stride, offset)})
    with pytest.raises(ValueError, match="expected a tensor inside its 12 values, got one up to"):
        read_checkpoint(path)


def test_a_persistent_id_of_something_else_is_refused(tmp_path):
    odd = Storage(("module", Global("torch.FloatStorage"), "0", "cpu", 12))
    with pytest.raises(ValueError, match="expected a persistent id of a storage, got 'module'"):
        read_checkpoint(write(tmp_path / "a.pt", {"x": odd}))


def test_another_global_is_refused_by_name(tmp_path):
    path = write(tmp_path / "a.pt", {"x": Global("torch.jit.script", "code")})
    with pytest.raises(UnsafePickleError, match=r"a\.pt.*torch\.jit\.script.*--allow torch\.jit\."):
        read_checkpoint(path)
    found = read_checkpoint(path, allow=("torch.jit.script",))["x"]
    assert isinstance(found, Record)
    assert (found.path, found.args) == ("torch.jit.script", ("code",))


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "broken.pt"
    path.write_bytes(b"not a zip archive")
    with pytest.raises(
        ValueError, match=r"broken\.pt: expected a whole PyTorch.*mixenv data fetch"
    ):
        read_checkpoint(path)
    whole = write(tmp_path / "whole.pt", {"x": tensor("0", (12,), (1,))}).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"broken\.pt: expected a whole PyTorch checkpoint"):
        read_checkpoint(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", "no pickle")
    with pytest.raises(ValueError, match=r"expected one data\.pkl in the archive, got 0"):
        read_checkpoint(path)
    with pytest.raises(FileNotFoundError):
        read_checkpoint(tmp_path / "absent.pt")


def test_a_storage_shorter_than_it_says_is_refused(tmp_path):
    path = write(tmp_path / "a.pt", {"x": tensor("0", (3,), (1,), count=99)})
    with pytest.raises(ValueError, match=r"a\.pt: expected a whole PyTorch checkpoint"):
        read_checkpoint(path)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected the published simulator .*model_state_dict"):
        published_arrays(write(tmp_path / "a.pt", {"x": 1}))


@pytest.mark.reference
def test_the_published_simulator_equals_its_plain_arrays(reference):
    found = published_arrays(reference / "published" / "checkpoint_latest.pt")
    with np.load(reference / "published" / "simulator.npz") as expected:
        assert sorted(found) == sorted(expected.files)
        for name in expected.files:
            np.testing.assert_array_equal(found[name], expected[name])
            assert found[name].dtype == np.float64


@pytest.mark.reference
def test_the_whole_published_checkpoint_is_read(reference):
    found = read_checkpoint(reference / "published" / "checkpoint_latest.pt")
    assert found["epoch"] == 24
    assert found["optimizer_state_dict"]["param_groups"][0]["lr"] == 0.001
    assert found["metrics"]["1B/r2/wikipedia/raw"] == pytest.approx(0.88365, abs=1e-5)
    inputs = found["normalization_stats"]["X_mean"]
    assert inputs.shape == (len(checkpoint._INPUTS) + 2,)
