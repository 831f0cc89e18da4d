#pragma once

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::exporters {

/// Which Host a request may be for: an address of this machine, "localhost", its host name, alone and as /etc/hosts
/// completes it, and the names that were added. A page of another name that resolves to this machine (DNS rebinding) must not read what is served here.
/// Thread-safe.
class AllowedHosts {
 public:
    explicit AllowedHosts(const std::vector<std::string>& added);

    /// `host` is the value of a Host header, with or without a port; an empty one, of HTTP/1.0, is allowed.
    bool allows(std::string_view host);

 private:
    bool is_our_address(const std::string& address);

    std::set<std::string> names_;  ///< in lower case
    std::mutex mutex_;
    // Under mutex_:
    std::set<std::string> addresses_;  ///< of the interfaces, in binary
    std::chrono::steady_clock::time_point read_{};
};

/// The names of hosts(5) text whose first label is that of `name`: a machine's whole names, from its short one.
std::vector<std::string> whole_names(const std::string& name, const std::string& hosts);

/// Checks a name or address that is to be added. Throws std::invalid_argument.
std::string parse_host_name(const std::string& text);

}  // namespace halfclosed::exporters
