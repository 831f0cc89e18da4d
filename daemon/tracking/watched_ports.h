#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "records/port_range.h"
#include "records/socket_record.h"
#include "tracking/cookie_set.h"
#include "tracking/listeners.h"

namespace halfclosed::tracking {

/// Which end of a connection a socket is: of the service that listens, or of who connected to it.
enum class Side : std::uint8_t { server, client };

inline constexpr Side kSides[] = {Side::server, Side::client};

const char* name(Side side);

/// What a socket is watched for. `label` is an index into WatchedPorts::labels().
struct PortMatch {
    std::size_t label = 0;
    std::uint16_t port = 0;  ///< of the service: the local one of a server, else the remote one
    Side side = Side::server;

    bool operator==(const PortMatch&) const = default;
};

/// The sides on which sockets can bear a label.
struct Sides {
    bool server = true;
    bool client = true;

    bool has(Side side) const { return side == Side::server ? server : client; }
    bool operator==(const Sides&) const = default;
};

class PortCounts;

/// The watched ports, what each is called, and who listens.
///
/// A port has a label of its own, "9999"; a range wider than kWidestRange has one for all of it, "8000-8999", but for
/// the ports and ranges within it that are named too: the narrowest that has a port names it. With kEveryPort each
/// listening port, and each remote port of a connection that was made from here, has a label: the kMostNamed with the
/// most sockets on either side; the others are kOtherPorts together. So a page stays bounded.
class WatchedPorts {
 public:
    static constexpr unsigned kWidestRange = 16;
    static constexpr std::size_t kMostNamed = 64;
    static constexpr const char* kOtherPorts = "other";

    explicit WatchedPorts(const std::vector<PortRange>& ports);

    bool every_port() const { return every_port_; }

    /// What the kernel is to be asked for: sorted, without overlap; empty with every_port().
    const std::vector<PortRange>& ports() const { return ports_; }

    const std::vector<std::string>& labels() const { return labels_; }
    const std::vector<Sides>& sides() const { return sides_; }  ///< by label

    /// Nothing if neither port is watched. A socket is a server's where its local end is listened to, where it
    /// waits for accept(), or if it was a server's when it was established; a port's number alone says nothing. As
    /// long as nobody told who listens, a watched local port makes the server.
    std::optional<PortMatch> match(const SocketRecord& record) const;

    /// As match() for a socket that was watched for `before` under other ports or labels: its side stays, where that
    /// is watched still.
    std::optional<PortMatch> match_again(const SocketRecord& record, const PortMatch& before) const;

    /// What a port is called on this side; nothing if it is not watched.
    std::optional<std::size_t> label_of(Side side, std::uint16_t port) const;

    Listeners& listeners() { return listeners_; }

    /// The established sockets that are a server's: they stay that when their listener is gone.
    void remember_servers(CookieSet servers);

    /// Takes over what another watch knows of listeners and servers.
    void inherit(const WatchedPorts& other);

    /// With every_port(): chooses the ports that have labels anew, by how many sockets they have now. One that has a
    /// label loses it only to one with more than twice as many. Whether a label changed.
    bool name_busiest(const PortCounts& counts);

    /// Takes over what the same ports are called by another watch.
    void take_labels(const WatchedPorts& other);

 private:
    struct Segment {
        PortRange range;
        std::size_t label = 0;
    };

    bool is_server(const SocketRecord& record) const;
    std::optional<std::size_t> asked_for(std::uint16_t port) const;
    std::vector<std::uint16_t> busiest(Side side, const PortCounts& counts) const;

    bool every_port_ = false;
    std::vector<PortRange> ports_;
    std::vector<Segment> segments_;     ///< what was asked for: sorted, without overlap
    std::size_t asked_for_labels_ = 0;  ///< of segments_; they come first
    std::array<std::map<std::uint16_t, std::size_t>, 2> named_;  ///< labels by side and port
    std::vector<std::string> labels_;
    std::vector<Sides> sides_;
    Listeners listeners_;
    std::shared_ptr<const CookieSet> servers_;
};

}  // namespace halfclosed::tracking
