"""Makes the scenes' world and the Python peer importable from here."""
import pathlib
import sys

TEST = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TEST / "scene"), str(TEST / "peer")]
