#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracking/cookie_set.h"
#include "tracking/dating.h"
#include "tracking/transition.h"

namespace halfclosed::tracking {

/// Takes in sockets that a tracker did not know: dates them, and tells the way that they must have
/// come. What was there before the first look is adopted without a transition: it did not happen
/// while we watched.
class Adoption {
 public:
    /// A new look begins; `previous` is the one before, nothing if this is the first.
    void begin_look(Instant look, std::optional<Instant> previous);

    /// Every socket of that look was offered.
    void end_look();

    /// What an earlier run of this program knew: a socket that the first look finds in the same
    /// state has been there since then.
    void recall(std::span<const KnownAge> ages);

    /// From now on sockets are watched for these labels. Those that the next look finds for a new
    /// one are adopted as at the first look.
    void relabel(const std::vector<std::string>& before, const std::vector<std::string>& after);

    /// The same ports have so many labels now, and others than before.
    void rename(std::size_t labels);

    /// Sockets known to be established, in place of those known before.
    void remember_established(CookieSet cookies) { established_ = std::move(cookies); }
    void see_established(Cookie cookie) { established_.insert(cookie); }

    /// T of FIN-WAIT-2 minisocks, net.ipv4.tcp_fin_timeout.
    void set_fin_timeout(std::chrono::milliseconds timeout) { fin_timeout_ = timeout; }
    std::chrono::milliseconds fin_timeout() const { return fin_timeout_; }

    /// What was forgotten until now may be found again, and its way here has been told.
    void forgot_until(Instant now) { silent_until_ = now; }

    struct Adopted {
        TrackedSocket socket;
        bool undated = false;       ///< a get of tcp_info may date it
        std::span<const Edge> way;  ///< from ESTABLISHED
        Evidence evidence = Evidence::implied;
    };
    Adopted adopt(const SocketRecord& record, const PortMatch& watched) const;

 private:
    bool was_there_before(bool first_look) const;

    std::unordered_map<Cookie, KnownAge> recalled_;  ///< until the first look
    std::set<std::size_t> new_labels_;               ///< until the next look
    CookieSet established_;
    std::chrono::milliseconds fin_timeout_{60'000};
    Instant look_;
    std::optional<Instant> previous_;
    Instant silent_until_;  ///< what turned to TIME-WAIT until then is adopted without a transition
};

}  // namespace halfclosed::tracking
