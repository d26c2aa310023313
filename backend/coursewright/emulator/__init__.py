"""An emulator of the paid services: their wire, limits, faults and latency, without their bill.

It knows nothing of `coursewright.keys`, because it is there to check it.
"""
