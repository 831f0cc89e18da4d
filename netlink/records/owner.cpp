#include "records/owner.h"

namespace halfclosed {

const std::string& owner_label(const Owner* owner) {
    static const std::string unknown = kUnknownOwner;
    return owner == nullptr ? unknown : owner->name;
}

}  // namespace halfclosed
