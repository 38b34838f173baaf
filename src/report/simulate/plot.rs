//! `--plot`: failures over time as bars, those a ban would have stopped in another colour,
//! every ban a mark; one panel per jail. SVG or PNG, by the file's name.

use crate::analysis::simulate::{Replay, SimulatedJail, Simulation, Timeline, duration};
use crate::date::Clock;
use crate::files;
use crate::report::text::counted;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::path::Path;

/// The kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    /// Vector.
    Svg,
    /// Pixels.
    Png,
}

const WIDTH: u32 = 1200;
const PANEL: u32 = 420;

/// More panels than this make no picture: the jails with the most failures are drawn.
const MAX_PANELS: usize = 8;

const COUNTED: RGBColor = RGBColor(66, 114, 168);
const STOPPED: RGBColor = RGBColor(236, 156, 74);
const BAN: RGBColor = RGBColor(190, 30, 45);
const FAINT: RGBColor = RGBColor(225, 225, 225);

/// The letters of the pictures, so that they do not depend on the machine's fonts.
static FONT: &[u8] = include_bytes!("../../../assets/fonts/plot-sans.ttf");

/// The kind of picture a file name stands for.
pub(crate) fn format_of(path: &Path) -> Result<Picture, String> {
    match path
        .extension()
        .and_then(|e| e.to_str())
        .map(str::to_lowercase)
        .as_deref()
    {
        Some("svg") => Ok(Picture::Svg),
        Some("png") => Ok(Picture::Png),
        _ => Err(format!(
            "--plot {}: expected a name that ends in .svg or .png",
            path.display()
        )),
    }
}

/// Draws the picture.
pub(crate) fn draw(path: &Path, simulation: &Simulation, clock: &Clock) -> Result<(), String> {
    // already there after the first picture of a run
    let _ = plotters::style::register_font("sans-serif", FontStyle::Normal, FONT);
    let mut jails: Vec<(usize, &SimulatedJail)> = simulation.jails.iter().enumerate().collect();
    jails.retain(|(number, jail)| !jail.tickets(*number, &simulation.replay).is_empty());
    jails.sort_by_key(|(n, jail)| std::cmp::Reverse(jail.tickets(*n, &simulation.replay).len()));
    jails.truncate(MAX_PANELS);
    if jails.is_empty() {
        return Err("nothing to draw: no failure counts".into());
    }
    let size = (WIDTH, PANEL * jails.len() as u32);
    match format_of(path)? {
        Picture::Svg => {
            // written at the end, so that no half picture is left behind an error
            let mut text = String::new();
            let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
            panels(&root, &jails, simulation, clock)?;
            drop(root);
            files::replace(path, text.as_bytes()).map_err(|error| error.to_string())
        }
        Picture::Png => {
            let mut pixels = vec![0; 3 * size.0 as usize * size.1 as usize];
            let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
            panels(&root, &jails, simulation, clock)?;
            drop(root);
            let file = encode(&pixels, size).map_err(|error| error.to_string())?;
            files::replace(path, &file).map_err(|error| error.to_string())
        }
    }
}

/// A PNG file of pixels, each three bytes: red, green, blue.
fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

type Area<'a, B> = DrawingArea<B, Shift>;

fn panels<B: DrawingBackend>(
    root: &Area<B>,
    jails: &[(usize, &SimulatedJail)],
    simulation: &Simulation,
    clock: &Clock,
) -> Result<(), String> {
    root.fill(&WHITE).map_err(|error| error.to_string())?;
    for (area, jail) in root.split_evenly((jails.len(), 1)).iter().zip(jails) {
        panel(area, *jail, &simulation.replay, clock).map_err(|error| error.to_string())?;
    }
    root.present().map_err(|error| error.to_string())
}

fn panel<'a, B: DrawingBackend + 'a>(
    area: &Area<'a, B>,
    (number, jail): (usize, &SimulatedJail),
    replay: &Replay,
    clock: &Clock,
) -> Result<(), Box<dyn std::error::Error + 'a>>
where
    B::ErrorType: 'a,
{
    let tickets = jail.tickets(number, replay);
    let (Some(first), Some(last)) = (tickets.first(), tickets.last()) else {
        return Ok(());
    };
    let offset = clock.local(first.time).offset;
    let timeline = Timeline::hourly(first.time, last.time, offset);
    let all = timeline.count(tickets.iter().map(|ticket| ticket.time));
    let stopped = timeline.count(replay.stopped[number].iter().copied());
    let bans: Vec<f64> = (replay.bans.iter())
        .filter(|ban| ban.jail == number)
        .map(|ban| (ban.time - timeline.start as f64) / timeline.step as f64)
        .collect();
    let most = all.iter().copied().max().unwrap_or(1).max(1) as f64;
    // room above the bars for the marks of bans, and above these for the legend
    let top = most * 1.42;
    let mark = most * 1.08;
    let per = match timeline.step {
        3600 => "hour".into(),
        step => duration::show(step as f64),
    };
    let settings = &jail.settings;
    let tickets_made = tickets.len() as u64;
    let what = if jail.fed {
        counted(tickets_made, "ban of other jails", "bans of other jails")
    } else {
        counted(tickets_made, "failure", "failures")
    };
    let title = format!(
        "{}: {what}, {} ({} in {})",
        shorten(&jail.name),
        counted(bans.len() as u64, "ban", "bans"),
        settings.maxretry,
        duration::show(settings.findtime)
    );
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 22))
        .margin(14)
        // the last label hangs over the end of its axis
        .margin_right(44)
        .x_label_area_size(42)
        .y_label_area_size(64)
        .build_cartesian_2d(0f64..timeline.buckets as f64, 0f64..top)?;
    let label = |x: &f64| {
        let time = timeline.start as f64 + x * timeline.step as f64;
        let iso = clock.iso(time);
        // "2026-11-20 03:00:00" to "11-20 03:00"
        iso.get(5..16).unwrap_or(&iso).to_string()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(FAINT)
        .y_desc(format!("{what} per {per}"))
        .axis_desc_style(("sans-serif", 15))
        .label_style(("sans-serif", 14))
        .x_labels(9)
        .y_labels(6)
        .x_label_formatter(&label)
        .y_label_formatter(&|y| {
            if y.fract() == 0.0 {
                format!("{y:.0}")
            } else {
                String::new()
            }
        })
        .draw()?;
    let bar = |(at, count): (usize, u64), from: u64, color: RGBColor| {
        let (left, right) = (at as f64 + 0.06, at as f64 + 0.94);
        Rectangle::new(
            [(left, from as f64), (right, (from + count) as f64)],
            color.filled(),
        )
    };
    let bars = all.iter().zip(&stopped).enumerate();
    let counted: Vec<_> = (bars.clone())
        .filter(|(_, (all, stopped))| all > stopped)
        .map(|(at, (all, stopped))| bar((at, all - stopped), 0, COUNTED))
        .collect();
    let swatch = |color: RGBColor| {
        move |(x, y)| Rectangle::new([(x, y - 6), (x + 14, y + 6)], color.filled())
    };
    chart
        .draw_series(counted)?
        .label(what)
        .legend(swatch(COUNTED));
    let above: Vec<_> = bars
        .filter(|(_, (_, stopped))| **stopped > 0)
        .map(|(at, (all, stopped))| bar((at, *stopped), all - stopped, STOPPED))
        .collect();
    if !above.is_empty() {
        let series = chart.draw_series(above)?;
        series
            .label("failures while banned")
            .legend(swatch(STOPPED));
    }
    if !bans.is_empty() {
        let line = BAN.mix(0.35).stroke_width(1);
        let lines = bans
            .iter()
            .map(|x| PathElement::new(vec![(*x, 0.0), (*x, mark)], line));
        chart.draw_series(lines)?;
        let marks = bans
            .iter()
            .map(|x| TriangleMarker::new((*x, mark), 6, BAN.filled()));
        let series = chart.draw_series(marks)?;
        series
            .label("ban")
            .legend(|(x, y)| TriangleMarker::new((x + 7, y + 2), 6, BAN.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(
            ("sans-serif", 14)
                .into_font()
                .into_text_style(area)
                .pos(Pos::new(HPos::Left, VPos::Top)),
        )
        .background_style(WHITE.mix(0.85))
        .border_style(FAINT)
        .draw()?;
    Ok(())
}

/// A name short enough for a title.
fn shorten(name: &str) -> String {
    match name.chars().count() {
        0..=48 => name.to_string(),
        _ => name.chars().take(47).chain(['…']).collect(),
    }
}
