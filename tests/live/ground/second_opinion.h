#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "records/socket_record.h"

namespace halfclosed::ground {

/// A socket as `ss -tanoeH` tells of it, as far as two readers of the same socket must agree.
struct Line {
    std::string state;  ///< "FIN-WAIT-2"
    std::uint32_t recv_queue = 0;
    std::uint32_t send_queue = 0;
    std::string local;  ///< "127.0.0.1:9999", "[::ffff:127.0.0.1]:9999", "*:9999"
    std::string remote;
    std::string timer;  ///< "on", "keepalive", "timewait", "persist"; empty without one
    std::uint32_t uid = 0;
    std::uint32_t inode = 0;
    std::uint64_t cookie = 0;
    std::optional<std::uint8_t> shutdown;
    bool has_cgroup = false;  ///< ss writes a path, we have a number

    bool operator==(const Line&) const = default;
    auto operator<=>(const Line&) const = default;
};

/// For messages: all of it in one line.
std::string to_string(const Line& line);

/// Sorted. Throws std::runtime_error on a line that is not one of ss.
std::vector<Line> parse_ss(std::string_view text);

/// What ss would print. Sorted.
std::vector<Line> as_ss_writes(const std::vector<SocketRecord>& records);

/// What one of two sorted lists has and the other has not; empty if they agree.
std::string disagreement(const std::vector<Line>& ours, const std::vector<Line>& theirs);

/// How many sockets each state has, by ss's name.
std::map<std::string, std::size_t> by_state(const std::vector<Line>& lines);

/// What `ARGUMENTS` print when ss runs with them, in the caller's namespace: run_ss("-tanoeH", "TCPDIAG_FILE=…").
/// Throws std::runtime_error when it fails.
std::string run_ss(const std::string& arguments, const std::string& environment = {});

}  // namespace halfclosed::ground
