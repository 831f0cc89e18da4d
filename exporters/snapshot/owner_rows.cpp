#include "exporters/snapshot/owner_rows.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "exporters/snapshot/leaks.h"

namespace halfclosed::exporters {

namespace {

/// What one owner's row is made of.
struct RowDraft {
    OwnerRow row;
    bool has_close_wait = false;
};

void note_age(RowDraft& owner, const tracking::Age& age, bool close_wait) {
    const bool first = !owner.row.oldest || (close_wait && !owner.has_close_wait);
    const bool counts = close_wait || !owner.has_close_wait;
    if (first || (counts && owner.row.oldest->value < age.value)) {
        owner.row.oldest = age;
    }
    owner.has_close_wait = owner.has_close_wait || close_wait;
}

}  // namespace

std::vector<OwnerRow> owner_rows(const Snapshot& snapshot) {
    return owner_rows(snapshot, owner_leaks(snapshot));
}

std::vector<OwnerRow> owner_rows(const Snapshot& snapshot, const std::vector<OwnerLeaks>& all) {
    std::map<std::string, RowDraft> owners;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        RowDraft& owner = owners[owner_label(snapshot.owner(socket.record))];
        ++owner.row.half_closed;
        owner.row.leaked += is_leaked(socket, snapshot) ? 1 : 0;
        if (socket.cause) {
            ++owner.row.causes[*socket.cause];
        }
        note_age(owner, socket.age(snapshot.instant), socket.record.state == TcpState::close_wait);
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        RowDraft& owner = owners[owner_label(snapshot.owner(dead.socket.record))];
        ++owner.row.dead;
        note_age(owner, dead.age(snapshot.instant), true);
    }
    std::vector<OwnerRow> rows;
    for (const OwnerLeaks& leaks : all) {
        const auto owner = owners.find(leaks.owner);
        if (owner != owners.end()) {
            OwnerRow& row = rows.emplace_back(std::move(owner->second.row));
            row.name = leaks.owner;
            row.growth_per_hour = leaks.growth_per_hour;
            row.descriptors = leaks.descriptors;
            row.time_left = leaks.time_left;
            owners.erase(owner);
        }
    }
    const auto others = static_cast<std::ptrdiff_t>(rows.size());
    for (auto& [name, owner] : owners) {
        rows.push_back(std::move(owner.row));
        rows.back().name = name;
    }
    std::stable_sort(rows.begin() + others, rows.end(), [](const OwnerRow& a, const OwnerRow& b) {
        return a.half_closed > b.half_closed;
    });
    return rows;
}

}  // namespace halfclosed::exporters
