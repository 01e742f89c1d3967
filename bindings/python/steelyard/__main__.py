import sys

import steelyard

if sys.argv[1:] != ["reproduce"]:
    sys.exit("usage: python -m steelyard reproduce")
print(steelyard.reproduce().to_string(index=False))
