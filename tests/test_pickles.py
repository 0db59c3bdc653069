"""Pickles are read as data: what they hold comes back, what they would run does not run."""

import contextlib
import os
import pickle
from collections import OrderedDict
from fractions import Fraction

import numpy as np
import pytest

from mixenv.runs import arrays
from mixenv.runs.frames import read_frame
from mixenv.runs.pickles import Record, UnsafePickleError, read_pickle


class Payload:
    """An object whose pickle calls a function when it is loaded."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def read_arrays(value, protocol):
    data = pickle.dumps(value, protocol=protocol)
    return arrays.resolve(read_pickle(data, "here", arrays.GLOBALS), arrays.RULES)


@pytest.mark.parametrize("allow", [(), ("posix.system", "builtins.eval", "builtins.exec")])
@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (os.system, "touch {}"),
        (eval, "__import__('pathlib').Path({!r}).touch()"),
        (exec, "import pathlib; pathlib.Path({!r}).touch()"),
    ],
)
def test_a_payload_never_runs(tmp_path, allow, protocol, function, argument):
    side_effect = tmp_path / "ran"
    payload = pickle.dumps(Payload(function, argument.format(str(side_effect))), protocol)
    if allow:
        assert isinstance(read_pickle(payload, "here", allow=allow), Record)
    else:
        with pytest.raises(UnsafePickleError, match="expected only globals on the allow-list"):
            read_pickle(payload, "here")
    assert not side_effect.exists()
    with pytest.raises(ValueError, match=r"allow-list|expected a pickled DataFrame"):
        read_frame(payload, "here", allow)
    assert not side_effect.exists()
    pickle.loads(payload)
    assert side_effect.exists()  # the payload was live


def test_a_refused_global_is_named_with_the_flag_that_admits_it():
    data = pickle.dumps(Fraction(1, 3))
    with pytest.raises(
        UnsafePickleError,
        match=r'^file\.pkl: .*fractions\.Fraction.*--allow fractions\.Fraction .*allow=\("frac',
    ):
        read_pickle(data, "file.pkl")
    record = read_pickle(data, "file.pkl", allow=("fractions.Fraction",))
    assert (record.path, record.args) == ("fractions.Fraction", Fraction(1, 3).__reduce__()[1])


def test_a_dotted_name_cannot_reach_inside_an_allowed_module():
    # STACK_GLOBAL "numpy" "dtype.__class__" would walk attributes in an ordinary unpickler.
    data = b"\x80\x04\x8c\x05numpy\x8c\x0fdtype.__class__\x93."
    with pytest.raises(UnsafePickleError, match=r"numpy\.dtype\.__class__"):
        read_pickle(data, "here", arrays.GLOBALS)


def test_state_set_on_a_record_type_does_not_outlive_the_load():
    # BUILD with slot state on the class itself, which sets attributes on it.
    data = b"\x80\x02cnumpy\ndtype\nN}X\x04\x00\x00\x00pathX\x03\x00\x00\x00bads\x86b."
    for _ in range(2):
        with contextlib.suppress(ValueError):
            read_pickle(data, "here", arrays.GLOBALS)
        assert read_pickle(b"cnumpy\ndtype\n.", "here", arrays.GLOBALS).path == "numpy.dtype"
        assert Record.path == ""


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_come_back(protocol):
    value = {
        "list": [1, 2.5, None, True, "é", b"\x00\xff"],
        "ordered": OrderedDict(b=1, a=(2, 3)),
        "sets": ({1, 2}, frozenset({3})),
        "slice": slice(1, 9, 2),
        "complex": 1 + 2j,
    }
    assert read_arrays(value, protocol) == value


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(6, dtype=">i4").reshape(3, 2),
        np.arange(12, dtype=np.float16)[::2],
        np.array([True, False]),
        np.array(["a", "long"]),
        np.array([[1, "x"], [None, [2, 3]]], dtype=object),
        np.asfortranarray(np.array([[1, "x", 2], [None, 3.5, "y"]], dtype=object)),
        np.zeros((0, 3)),
        np.array(2.5),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_come_back(protocol, array):
    found = read_arrays(array, protocol)
    assert found.dtype == array.dtype
    assert found.tolist() == array.tolist()
    assert found.shape == array.shape
    assert read_arrays(array.reshape(-1)[:1], protocol).tolist() == array.reshape(-1)[:1].tolist()


@pytest.mark.parametrize("protocol", range(6))
def test_scalars_come_back(protocol):
    value = [np.float64(0.1), np.int32(-4), np.bool_(True)]
    assert read_arrays(value, protocol) == value


@pytest.mark.parametrize(
    "dtype", [np.dtype([("x", "f8"), ("y", "O")]), np.dtype("V8"), np.dtype("M8[ns]")]
)
def test_a_dtype_that_is_not_plain_is_refused(dtype):
    with pytest.raises(ValueError, match="expected a plain dtype"):
        read_arrays(dtype, 4)


def test_objects_never_come_from_raw_bytes():
    # An object array whose data are bytes would be pointers of the file's choosing.
    value = Payload(np.empty(0).__reduce__()[0], np.ndarray, (0,), b"b")
    value.call += ((1, (1,), np.dtype("O"), False, b"12345678"),)
    data = pickle.dumps(value)
    with pytest.raises(ValueError, match="expected a list of objects, got"):
        arrays.resolve(read_pickle(data, "here", arrays.GLOBALS), arrays.RULES)


def test_bytes_made_by_a_call_are_refused():
    data = b"c__builtin__\nbytes\n(I1000000000000\ntR."
    with pytest.raises(ValueError, match=r"expected bytes in the pickle, got bytes made from"):
        arrays.resolve(read_pickle(data, "here", arrays.GLOBALS), arrays.RULES)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_bytearrays_are_read_as_bytes(protocol):
    data = pickle.dumps({"text": bytearray(b"ab\xff")}, protocol=protocol)
    read = arrays.resolve(read_pickle(data, "here", arrays.GLOBALS), arrays.RULES)
    assert bytes(read["text"]) == b"ab\xff"


def test_bytearrays_made_from_a_number_are_refused():
    data = b"c__builtin__\nbytearray\n(I1000000000000\ntR."
    with pytest.raises(ValueError, match=r"expected a bytearray made from bytes, got int"):
        arrays.resolve(read_pickle(data, "here", arrays.GLOBALS), arrays.RULES)


def test_bytes_as_text_of_another_encoding_are_refused():
    data = b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x04\x00\x00\x00zlib\x86R."
    with pytest.raises(ValueError, match=r"expected bytes written as latin1 text, got .*zlib"):
        arrays.resolve(read_pickle(data, "here", arrays.GLOBALS), arrays.RULES)


@pytest.mark.parametrize("data", [b"", b"hello", pickle.dumps([1, 2, 3])[:-3], b"\x80\x04\x95"])
def test_bytes_that_are_no_pickle_are_refused(data):
    with pytest.raises(
        ValueError, match=r"here: expected a whole pickle, got bytes.*fetch the file"
    ):
        read_pickle(data, "here")


def test_an_unexpected_persistent_id_is_refused():
    with pytest.raises(ValueError, match="got the persistent id 'storage', expected none"):
        read_pickle(b"Pstorage\n.", "here")


def test_old_addresses_of_numpy_are_known():
    new = pickle.dumps(np.array(["x"], dtype=object), 2)
    old = new.replace(b"numpy._core", b"numpy.core")
    assert old != new
    found = arrays.resolve(read_pickle(old, "here", arrays.GLOBALS), arrays.RULES)
    assert found.tolist() == ["x"]


def test_a_pickle_that_is_no_frame_is_refused():
    with pytest.raises(ValueError, match="here: expected a pickled DataFrame, got dict"):
        read_frame(pickle.dumps({}), "here")
    with pytest.raises(ValueError, match="expected a pickled DataFrame, got one that does not"):
        read_frame(b"cpandas\nDataFrame\n)\x81}b.", "here")
