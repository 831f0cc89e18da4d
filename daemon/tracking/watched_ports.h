#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "records/port_range.h"
#include "records/socket_record.h"

namespace halfclosed::tracking {

/// Which end of a connection a socket is, by which of its ports is watched.
enum class Side : std::uint8_t { server, client };

inline constexpr Side kSides[] = {Side::server, Side::client};

const char* name(Side side);

/// What a socket is watched for. `label` is an index into WatchedPorts::labels().
struct PortMatch {
    std::size_t label = 0;
    std::uint16_t port = 0;
    Side side = Side::server;

    bool operator==(const PortMatch&) const = default;
};

/// The watched ports, and what each is called. A port has a label of its own, "9999"; a range wider
/// than kWidestRange has one for all of it, "8000-8999", so that a page stays bounded.
class WatchedPorts {
 public:
    static constexpr unsigned kWidestRange = 16;

    explicit WatchedPorts(std::vector<PortRange> ports);

    const std::vector<PortRange>& ports() const { return ports_; }
    const std::vector<std::string>& labels() const { return labels_; }

    /// Server where the local port is watched, else client where the remote one is, else nothing.
    std::optional<PortMatch> match(const SocketRecord& record) const;

 private:
    std::optional<std::size_t> label_of(std::uint16_t port) const;

    std::vector<PortRange> ports_;  ///< one per label, sorted, without overlap
    std::vector<std::string> labels_;
};

}  // namespace halfclosed::tracking
