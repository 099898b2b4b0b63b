// Vendure's OrderCalculator under the simple workload, its services stubbed and no database.
// usage: node run_vendure.js FOLDER_WITH_NODE_MODULES < {"promotions": [...], "baskets": [...]}
// Prints one line of JSON: milliseconds of processor time and the total of each basket.
'use strict';

const path = require('path');
const root = path.join(path.resolve(process.argv[2]), 'node_modules', '@vendure', 'core');
const core = require(root);
const { OrderCalculator } = require(path.join(root, 'dist/service/helpers/order-calculator/order-calculator'));

const zone = { id: 1, name: 'zone' };
const rate = new core.TaxRate({ id: 1, value: 0, name: 'none' });
const calculator = new OrderCalculator(
  {
    taxOptions: {
      taxZoneStrategy: { determineTaxZone: () => zone },
      taxLineCalculationStrategy: new core.DefaultTaxLineCalculationStrategy(),
      orderTaxCalculationStrategy: new core.DefaultOrderTaxCalculationStrategy(),
    },
    orderOptions: {
      orderLineDiscountDistributionStrategy: { getWeight: (ctx, line) => line.proratedLinePrice },
    },
  },
  { getAllWithMembers: async () => [zone] },
  { getApplicableTaxRate: async () => rate },
  {},
  {},
  { get: async (ctx, key, make) => make() },
);
const context = { channelId: 1, channel: { id: 1, pricesIncludeTax: false, defaultTaxZone: zone } };
const given = args => Object.entries(args).map(([name, value]) => ({ name, value: String(value) }));
const named = (code, args) => ({ code, args: given(args) });

function promotion(rule) {
  const skus = JSON.stringify(rule.select ? rule.select.any_of[0].skus : []);
  const benefit = rule.benefit;
  const least = (rule.conditions || []).map(condition =>
    named('minimum_order_amount', { amount: condition.min_amount_minor, taxInclusive: false }),
  );
  let conditions = least;
  let action = named('products_percentage_discount', {
    discount: (benefit.rate_ppm || 0) / 10000,
    productVariantIds: skus,
  });
  if (benefit.kind === 'basket_amount') {
    action = named('order_fixed_discount', { discount: benefit.amount_minor });
  } else if (benefit.kind === 'nth_percent') {
    conditions = [
      named('buy_x_get_y_free', { amountX: benefit.units - 1, variantIdsX: skus, amountY: 1, variantIdsY: skus }),
    ];
    action = named('buy_x_get_y_free', {});
  } else if (!least.length) {
    conditions = [named('contains_products', { minimum: 1, productVariantIds: skus })];
  }
  return new core.Promotion({
    id: rule.id,
    name: rule.name,
    conditions,
    actions: [action],
    promotionConditions: core.defaultPromotionConditions,
    promotionActions: core.defaultPromotionActions,
  });
}

function order(basket) {
  const lines = basket.lines.map(line => {
    const made = new core.OrderLine({
      id: line.line_id,
      productVariant: new core.ProductVariant({ id: line.sku }),
      productVariantId: line.sku,
      quantity: line.quantity_milli / 1000,
      orderPlacedQuantity: 0,
      listPrice: line.list_price_minor,
      listPriceIncludesTax: false,
      adjustments: [],
      taxLines: [],
      taxCategoryId: 1,
    });
    return made;
  });
  return new core.Order({ id: 1, lines, couponCodes: [], surcharges: [], shippingLines: [], modifications: [] });
}

async function main() {
  const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const promotions = asked.promotions.map(promotion);
  const milliseconds = [];
  const totals = [];
  for (const basket of asked.baskets) {
    const made = order(basket);
    const began = process.cpuUsage();
    await calculator.applyPriceAdjustments(context, made, promotions);
    const used = process.cpuUsage(began);
    milliseconds.push((used.user + used.system) / 1000);
    totals.push(made.subTotal);
  }
  process.stdout.write(JSON.stringify({ milliseconds, totals }) + '\n');
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
