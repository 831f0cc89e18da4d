#pragma once

#include <optional>
#include <vector>

#include "scenarios/diagram/diagram_rows.h"

namespace halfclosed::scenarios {

/// Horizontal positions in the SVG diagram, in its own units. All text has a fixed width, so that where it ends is known
/// without measuring it.
struct SvgColumns {
    static constexpr double kWidth = 1000;
    static constexpr double kMargin = 20;
    static constexpr double kTimeEnd = 82;
    static constexpr double kBarWidth = 164;
    static constexpr double kClientBar = 270;  ///< its left edge; the client's calls end before it
    static constexpr double kServerBar = 612;
    static constexpr double kServerCalls = kServerBar + kBarWidth + 12;
    static constexpr double kCallWidth = 164;
    static constexpr double kOrphan = 906;  ///< x of the curve at 0 orphans
    static constexpr double kTw = 952;
    static constexpr double kCurveWidth = 14;
    static constexpr double kLetter =
        7.3;  ///< width of a character of 12 units, in every face there is
    static constexpr double kSmallLetter = 6.7;  ///< of 11 units
};

/// A row and the height at which its arrow begins.
struct SvgRow : DiagramRow {
    double y = 0;
};

/// A wait that is drawn shorter than it was.
struct SvgBreak {
    double y = 0;
    Duration wait{0};
};

/// The heights of a trace. Time runs down, but not evenly: each row has the same room, a longer wait somewhat more, and
/// one of kLongWait or more a break.
class SvgLayout {
 public:
    static constexpr double kRow = 34;
    /// How much lower an arrow ends than it begins.
    static constexpr double kSlant = 8;

    /// `top` is the height of the first row.
    SvgLayout(const Trace& trace, double top);

    const std::vector<SvgRow>& rows() const { return rows_; }
    const std::vector<SvgBreak>& breaks() const { return breaks_; }
    double bottom() const { return bottom_; }

    /// The height at which a state begins: that of its row or, if a segment came in, of its arrow's head.
    double beginning(const SvgRow& row, const DiagramEvent& state) const;

    /// The height of a moment between two rows.
    double height_of(Instant at) const;

 private:
    void place(const DiagramRow& row);

    std::vector<SvgRow> rows_;
    std::vector<SvgBreak> breaks_;
    double bottom_;
};

}  // namespace halfclosed::scenarios
