#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "exporters/auth/access_policy.h"
#include "exporters/http/snapshot_access.h"
#include "exporters/snapshot/snapshot.h"
#include "history/history_file.h"
#include "records/port_range.h"

namespace halfclosed {

/// What `halfclosed serve` is told.
struct ServeOptions {
    std::vector<PortRange> ports{{9999, 9999}};
    bool all_namespaces = false;
    std::chrono::nanoseconds interval = std::chrono::seconds{1};
    std::chrono::nanoseconds census_interval = std::chrono::seconds{15};
    std::chrono::nanoseconds leak_after = std::chrono::seconds{60};
    double cpu_share = 0.02;
    std::size_t max_sockets = 10'000;  ///< half-closed ones that are kept in detail
    /// Whether programs in the kernel count transitions and resets: where they may, or not at all, or else there is no
    /// service.
    enum class Exact { automatic, on, off };
    Exact exact = Exact::automatic;
    std::string exact_pin;  ///< where they are pinned, to outlive this process; empty: nowhere
    std::vector<std::string> listen{"127.0.0.1:10999"};
    std::vector<std::string> allowed_hosts;  ///< beside this machine's own
    exporters::SnapshotAccess snapshot_access = exporters::SnapshotAccess::open;
    std::string state_directory;
    history::HistoryFile::Limits history;  ///< where there is a state directory
    std::string web_config_file;
    /// Made of that file; nothing if there is none.
    std::shared_ptr<const auth::AccessPolicy> access_policy;
    exporters::Detail detail = exporters::Detail::full;           ///< of the metrics page
    std::string control_socket = "/run/halfclosed/control.sock";  ///< empty: none
    bool control_socket_wanted = false;  ///< somebody named it: without it there is no service
    std::chrono::nanoseconds self_test_interval{0};  ///< 0: none
    /// The longest a scenario that was asked for over the control socket may hold a socket.
    std::chrono::nanoseconds max_hold = std::chrono::hours{1};
};

}  // namespace halfclosed
