#include "scenarios/packetdrill/seen.h"

#include "records/rfc_name.h"

namespace halfclosed::scenarios::packetdrill {

std::string to_string(const Seen& seen) {
    std::string text = rfc_name(seen.state);
    if (seen.custody) {
        text += std::string(" (") + name(*seen.custody);
        text += seen.cause ? std::string(", ") + name(*seen.cause) + ")" : ")";
    }
    return text;
}

bool agrees(const Seen& implied, const Seen& read) {
    return implied.state == read.state && implied.custody == read.custody &&
           (!implied.cause || implied.cause == read.cause);
}

}  // namespace halfclosed::scenarios::packetdrill
