#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "exact/source.h"
#include "tracking/annotations.h"
#include "tracking/cookie_set.h"

namespace halfclosed {

/// The half-closed sockets of each watched namespace, as the kernel's programs knew them when read() was called last.
class ExactSockets {
 public:
    /// As far as it takes to ask for one.
    struct Known {
        SocketIdentity identity;
        TcpState state{};
        bool minisock = false;
        std::optional<Instant> expires;  ///< as in ExactSocket
        bool told = false;               ///< enough is known of it: it need not be asked for
    };

    /// What need not be asked for, besides young minisocks: of sockets in CLOSE-WAIT that are held and younger than `young`
    /// those beyond the first `most_asked` of a namespace. In a storm most are gone before anybody could look closer.
    struct Storm {
        Duration young{0};
        std::size_t most_asked = 0;
        /// Of those that last, held in CLOSE-WAIT or full in FIN-WAIT-2, and are older than kOld or than the programs 1 in
        /// kTurns is asked for, each look another. What the programs tell of them, the end above all, is of the moment; what
        /// they do not, as the queues, is of kTurns looks ago at most. Nothing: all of them.
        std::optional<unsigned> turn = std::nullopt;
    };
    static constexpr std::chrono::seconds kOld{60};
    static constexpr unsigned kTurns = 4;

    /// Of a namespace with more none is kept: a walk is cheaper then, whatever else the kernel's table has.
    static constexpr std::size_t kMostKnown = 65'536;

    /// Throws posix::Error.
    void read(const exact::Source& source, Instant now, const Storm& storm);

    /// What read() does with each.
    void add(const ExactSocket& socket, Instant now, const Storm& storm);

    /// What the next look at them takes.
    struct Look {
        std::vector<SocketIdentity> ask;
        std::vector<SocketRecord>
            told;  ///< of young minisocks as a get would tell them, and of others in brief
    };
    /// `doubtful`: those that the last look did not find, which are asked for in any case.
    Look look(NamespaceId space, Instant now, const tracking::CookieSet& doubtful = {}) const;

    /// How many a look asks for.
    std::size_t to_ask(NamespaceId space) const;

    /// A minisock that is older is asked for all the same: should the programs have missed its end, it is found out.
    static constexpr std::chrono::seconds kYoung{2};

    /// None if there are more than kMostKnown.
    std::span<const Known> known(NamespaceId space) const;

    /// How many there are.
    std::size_t half_closed(NamespaceId space) const;

    /// What the programs know of them, and of those in CLOSE that a descriptor still holds; nothing if it was taken since
    /// read().
    std::optional<tracking::Annotations> take_annotations(NamespaceId space);

 private:
    struct Space {
        std::size_t half_closed = 0;
        std::size_t to_ask = 0;
        std::size_t young_asked = 0;
        std::vector<Known> known;
        std::optional<tracking::Annotations> annotations = tracking::Annotations();
    };

    static bool is_told(const ExactSocket& socket, Space& space, Instant now, const Storm& storm);
    static bool has_turn(Cookie cookie, unsigned turn);

    std::map<NamespaceId, Space> spaces_;
};

}  // namespace halfclosed
