# Runs a program of a note, the third argument. Four times a second it notes at which line that is, and which share of
# the processor time that the system left it it took: in the file of the first argument, beside which the program runs.
import os
import sys
import threading
import time

told, name, text = sys.argv[1:4]
main, schedule = threading.get_ident(), f"/proc/self/task/{threading.get_native_id()}/schedstat"


def times():
    with open(schedule) as file:
        ran, waited, _ = map(int, file.read().split())
    return ran, time.monotonic_ns() - waited


def tell(told):
    while True:
        ran, left = times()
        time.sleep(0.25)
        ran, left = times()[0] - ran, times()[1] - left
        frame = sys._current_frames().get(main)
        while frame and frame.f_code.co_filename != name:
            frame = frame.f_back
        print(frame.f_lineno if frame else 0, ran / max(left, 1), file=told, flush=True)


os.chdir(os.path.dirname(told))
threading.Thread(target=tell, args=[open(told, "w")], daemon=True).start()
exec(compile(text, name, "exec"), {"__name__": "__main__"})
