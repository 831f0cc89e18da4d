#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scenarios/packetdrill/script.h"
#include "scenarios/packetdrill/seen.h"
#include "tracking/state_machine.h"

namespace halfclosed::scenarios::packetdrill {

/// What the calls and segments of a script make of its connection: the state machine of RFC 9293 (section 3.3.2, figure 5)
/// with the checks of sections 3.10.7.3 and 3.10.7.4 and of RFC 5961. Where these leave a choice it is Linux', named where
/// it is made. A machine without a clock: of what time does (a timeout, a keepalive) it says nothing, and so not of scripts
/// that set one of these.
///
/// It is told each event of the script once it has come to pass, in script numbers, and knows nothing of the kernel.
class ConnectionModel {
 public:
    /// A call has returned this.
    void called(const Call& call, std::int64_t result);
    /// The peer's segment came.
    void injected(const Segment& segment);
    /// The kernel sent it.
    void sent(const Segment& segment);

    /// How the connection must be now. Nothing: the script does not say, now or from here on.
    std::optional<Seen> implied() const;

    /// The edges that it has gone since this was last asked for.
    std::vector<tracking::Edge> take_edges();

    /// Where a segment of the peer's stands: "before", "at", "in" or "beyond" the window; empty without a connection.
    std::string place(const Segment& segment) const;

 private:
    using Range = std::pair<std::uint32_t, std::uint32_t>;

    void closed(std::int64_t descriptor);
    void shut_down(const Call& call);
    void set_option(const Call& call);
    void read(const Call& call, std::int64_t result);
    void finish(bool by_close);

    void begin(const Segment& syn);
    void injected_while_connecting(const Segment& segment);
    void injected_in_time_wait(const Segment& segment);
    bool acceptable(const Segment& segment) const;
    bool resets(const Segment& segment) const;
    void acknowledged(std::uint32_t number);
    void receive(const Segment& segment);
    void take_in_order();
    void peer_finished();

    void move(TcpState to);
    void gone() { move(TcpState::close); }
    tracking::Custody custody() const;
    std::uint32_t window_end() const;

    TcpState state_ = TcpState::close;
    std::vector<tracking::Edge> edges_;
    bool says_nothing_ = false;

    std::optional<std::int64_t> listener_;    ///< the script's descriptors
    std::optional<std::int64_t> connection_;  ///< nothing: it waits for accept(), or was closed
    bool was_held_ = false;                   ///< connect() or accept() has returned it
    bool connects_ = false;
    bool resets_on_close_ = false;  ///< SO_LINGER with 0 s
    bool receives_no_more_ = false;

    std::uint32_t receive_next_ = 0;  ///< RCV.NXT
    std::uint32_t window_end_ = 0;    ///< of the last segment sent
    unsigned window_scale_ = 0;
    bool peer_scales_ = false;
    std::optional<std::uint32_t>
        peer_fin_;              ///< its sequence number, as long as it is not received in order
    std::vector<Range> early_;  ///< received ahead of RCV.NXT
    std::int64_t unread_ = 0;
    std::optional<bool> end_was_read_ = false;  ///< nothing: not known

    std::uint32_t send_next_ = 0;           ///< SND.NXT
    std::optional<std::uint32_t> fin_end_;  ///< what acknowledges our FIN
};

}  // namespace halfclosed::scenarios::packetdrill
