#include "observer/address_translations.h"

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "host/sysctl.h"
#include "netlink/error.h"

namespace halfclosed {

bool AddressTranslations::tracked_here() const {
    return allowed_ && host::tracked_connections() > 0;
}

void AddressTranslations::ask(std::span<const tracking::TrackedSocket> sockets, NamespaceId here,
                              const Bounds& bounds, Instant now) {
    if (!conntrack_) {
        conntrack_.emplace();
    }
    std::size_t asked = 0;
    try {
        for (const tracking::TrackedSocket& socket : sockets) {
            const SocketRecord& record = socket.record;
            if (socket.age(now).value < bounds.older_than || known_.contains(record.cookie)) {
                continue;
            }
            std::vector<NamespaceId>& where = asked_[record.cookie];
            if (std::find(where.begin(), where.end(), here) != where.end()) {
                continue;
            }
            if (asked++ == bounds.most) {
                break;
            }
            const auto found = conntrack_->other_end({record.local, record.remote});
            where.push_back(here);
            if (found) {
                known_.emplace(record.cookie, *found);
            }
        }
    } catch (const netlink::Error& error) {
        // Whether it is allowed does not change while the process runs; any other failure may be gone at the next look.
        allowed_ = error.error_number() != EPERM && error.error_number() != EPROTONOSUPPORT;
    }
    conntrack_->leave_namespace();
}

void AddressTranslations::keep(std::span<const tracking::TrackedSocket> sockets) {
    if (asked_.empty()) {
        return;
    }
    std::unordered_set<Cookie> there;
    for (const tracking::TrackedSocket& socket : sockets) {
        there.insert(socket.record.cookie);
    }
    const auto gone = [&there](const auto& entry) { return !there.contains(entry.first); };
    std::erase_if(asked_, gone);
    std::erase_if(known_, gone);
}

}  // namespace halfclosed
