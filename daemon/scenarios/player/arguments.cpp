#include "scenarios/player/arguments.h"

#include "scenarios/player/symbols.h"

namespace halfclosed::scenarios {

using packetdrill::NotSupportedError;
using packetdrill::Value;

std::int64_t number_of(const Value& value, std::size_t line) {
    switch (value.kind) {
        case Value::Kind::any:
            return 0;
        case Value::Kind::number:
            return value.number;
        case Value::Kind::names: {
            std::int64_t bits = 0;
            for (const std::string& name : value.names) {
                const auto number = symbol(name);
                if (!number) {
                    throw NotSupportedError(line, "the name " + name);
                }
                bits |= *number;
            }
            return bits;
        }
        case Value::Kind::list:
            if (value.items.size() == 1) {
                return number_of(value.items.front(), line);
            }
            break;
        case Value::Kind::text:
        case Value::Kind::structure:
            break;
    }
    throw NotSupportedError(line, "such an argument");
}

std::int64_t argument(const packetdrill::Call& call, std::size_t place, std::size_t line,
                      std::int64_t absent) {
    return place < call.arguments.size() ? number_of(call.arguments[place], line) : absent;
}

}  // namespace halfclosed::scenarios
