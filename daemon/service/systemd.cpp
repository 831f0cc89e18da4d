#include "service/systemd.h"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>

namespace halfclosed::service_manager {

void ready() {
    sd_notify(0, "READY=1");
}

void stopping() {
    sd_notify(0, "STOPPING=1");
}

void reloading() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const std::uint64_t microseconds = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                                       static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
               static_cast<unsigned long long>(microseconds));
}

void status(const std::string& text) {
    sd_notifyf(0, "STATUS=%s", text.c_str());
}

void watchdog() {
    sd_notify(0, "WATCHDOG=1");
}

std::vector<int> inherited_sockets() {
    std::vector<int> sockets;
    const int count = sd_listen_fds(1);
    for (int descriptor = SD_LISTEN_FDS_START; descriptor < SD_LISTEN_FDS_START + count;
         ++descriptor) {
        sockets.push_back(descriptor);
    }
    return sockets;
}

std::optional<std::chrono::nanoseconds> watchdog_interval() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) {
        return std::nullopt;
    }
    return std::chrono::microseconds{microseconds / 2};
}

}  // namespace halfclosed::service_manager
