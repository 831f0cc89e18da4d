#include "commands/address_mask.h"

#include <algorithm>

namespace halfclosed {

namespace {

/// ::ffff:0:0/96 (RFC 4291 section 2.5.5.2).
bool is_mapped(const Address& address) {
    return address.family == Family::ipv6 &&
           std::all_of(address.bytes.begin(), address.bytes.begin() + 10,
                       [](std::uint8_t byte) { return byte == 0; }) &&
           address.bytes[10] == 0xff && address.bytes[11] == 0xff;
}

}  // namespace

Address AddressMask::masked(const Address& address) {
    if (address.is_any() || address.is_loopback()) {
        return address;
    }
    const auto [known, added] = known_.try_emplace(to_string(address), address);
    if (!added) {
        return known->second;
    }
    Address& mask = known->second;
    const std::size_t number = known_.size();
    const bool ipv4 = address.family == Family::ipv4;
    const std::size_t last = ipv4 ? 3 : 15;
    if (ipv4) {
        mask.bytes = {240};
    } else if (is_mapped(address)) {
        mask.bytes[12] = 240;
        mask.bytes[13] = 0;
    } else {
        mask.bytes = {0x20, 0x01, 0x0d, 0xb8};
    }
    mask.bytes[last - 1] = static_cast<std::uint8_t>(number >> 8U);
    mask.bytes[last] = static_cast<std::uint8_t>(number);
    return mask;
}

void AddressMask::apply(SocketRecord& record) {
    record.local.address = masked(record.local.address);
    record.remote.address = masked(record.remote.address);
}

void AddressMask::apply(exporters::Snapshot& snapshot) {
    for (tracking::TrackedSocket& socket : snapshot.sockets) {
        apply(socket.record);
    }
    for (tracking::DeadSocket& dead : snapshot.dead) {
        apply(dead.socket.record);
    }
    snapshot.host.clear();
}

void AddressMask::apply(history::HistoryRow& row) {
    apply(row.socket.record);
}

}  // namespace halfclosed
