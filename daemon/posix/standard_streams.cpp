#include "posix/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace halfclosed::posix {

void keep_standard_streams_taken() {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
        if (fcntl(stream, F_GETFD) >= 0) {
            continue;
        }
        // open() returns the lowest number that is free, which is this one. A root directory without /dev/null still
        // has itself; what is written to an O_PATH descriptor goes nowhere.
        if (open("/dev/null", O_RDWR) < 0) {
            static_cast<void>(open("/", O_PATH | O_DIRECTORY));
        }
    }
}

}  // namespace halfclosed::posix
