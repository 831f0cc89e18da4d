#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "commands/top/key.h"
#include "exporters/snapshot/listing.h"

namespace halfclosed::top {

/// What a person has made of the view: which order, which sockets, which part of them. A machine without a terminal.
struct ViewState {
    exporters::SocketOrder order = exporters::SocketOrder::age;
    bool reversed = false;
    bool paused = false;
    bool help = false;
    std::string filter{};                 ///< sockets that have this text in one of their columns
    std::optional<std::string> typing{};  ///< a filter that is being written
    std::size_t first = 0;                ///< of the sockets that are shown

    bool operator==(const ViewState&) const = default;
};

enum class Pressed { nothing, changed, quit };

/// What a key makes of the state. `rows` of `sockets` sockets are in sight.
Pressed press(ViewState& state, const Key& key, std::size_t sockets, std::size_t rows);

/// "age", "owner", …
std::string name(exporters::SocketOrder order);

/// Those of the list that the filter admits, whatever its case, in the order that the state has.
std::vector<exporters::ListedSocket> chosen(const exporters::Snapshot& snapshot,
                                            const ViewState& state);

}  // namespace halfclosed::top
