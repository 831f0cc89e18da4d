#include "http/draining_sockets.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace halfclosed::http {

void reset_at_close(int descriptor) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool DrainingSockets::unsent(int descriptor) {
    int bytes = 0;
    return ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

void DrainingSockets::keep_if_unsent(int descriptor, Clock::time_point now) {
    if (!unsent(descriptor)) {
        return;
    }
    posix::Descriptor duplicate(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!duplicate) {
        reset_at_close(descriptor);
        return;
    }
    shutdown(duplicate.get(), SHUT_WR);
    sockets_.push_back({std::move(duplicate), now + kPatience});
    if (sockets_.size() > kPlaces) {
        reset_at_close(sockets_.front().socket.get());
        sockets_.pop_front();
    }
}

void DrainingSockets::look(Clock::time_point now) {
    std::erase_if(sockets_, [now](const Draining& each) {
        const bool late = each.deadline <= now;
        if (late) {
            reset_at_close(each.socket.get());
        }
        return late || !unsent(each.socket.get());
    });
}

}  // namespace halfclosed::http
