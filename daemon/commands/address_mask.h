#pragma once

#include <map>
#include <string>

#include "exporters/snapshot/snapshot.h"
#include "history/history_query.h"

namespace halfclosed {

/// Puts other addresses in place of real ones, the same for the same throughout. Loopback and "any" stay as they are:
/// they say nothing of whose machine it is. IPv4 addresses become some of 240.0.0.0/4, which is reserved (RFC 1112 section
/// 4), IPv6 addresses some of 2001:db8::/32 (RFC 3849).
class AddressMask {
 public:
    void apply(exporters::Snapshot& snapshot);
    void apply(history::HistoryRow& row);

 private:
    void apply(SocketRecord& record);
    Address masked(const Address& address);

    std::map<std::string, Address> known_;  ///< by its text
};

}  // namespace halfclosed
