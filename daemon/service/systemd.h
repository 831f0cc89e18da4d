#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed::service_manager {

// What systemd is told over NOTIFY_SOCKET, sd_notify(3). Without one nothing happens.

void ready();
void stopping();
void reloading();
void status(const std::string& text);
void watchdog();

/// The listening sockets that systemd opened for us (socket activation, sd_listen_fds(3)); ours from here on.
std::vector<int> inherited_sockets();

/// How often watchdog() is expected at least (half of WatchdogSec=), if the unit has one.
std::optional<std::chrono::nanoseconds> watchdog_interval();

}  // namespace halfclosed::service_manager
